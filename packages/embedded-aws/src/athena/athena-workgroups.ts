import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';
import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { operation, readMembers, type ServiceOperation } from '../json-service.ts';

export const INVALID = 'InvalidRequestException';
export const invalidRequest = (message: string) => new AwsError(INVALID, message);

const NAME = /^[a-zA-Z0-9._-]{1,128}$/;
const OUTPUT = /^s3:\/\/([a-z0-9][a-z0-9.-]{2,62})\/(.*)$/;
/** What AWS takes as the lowest limit of bytes. */
const LEAST_CUTOFF = 10_000_000;

type WorkGroupConfiguration = {
  /** `s3://<bucket>/<prefix>`; a result is `<prefix>/<id>.csv`. */
  output?: string;
  encryption?: Readonly<Record<string, unknown>>;
  enforced: boolean;
  metrics: boolean;
  /** bytes */
  cutoff?: number;
};
export type WorkGroup = {
  name: string;
  description?: string;
  state: 'ENABLED' | 'DISABLED';
  configuration: WorkGroupConfiguration;
  created: number;
};

const SETTINGS = {
  EnforceWorkGroupConfiguration: 'flag',
  PublishCloudWatchMetricsEnabled: 'flag',
  BytesScannedCutoffPerQuery: 'integer',
  RequesterPaysEnabled: 'flag',
  EngineVersion: 'object',
} as const;
const CONFIGURATION = { ...SETTINGS, ResultConfiguration: 'object' } as const;
const UPDATES = {
  ...SETTINGS,
  ResultConfigurationUpdates: 'object',
  RemoveBytesScannedCutoffPerQuery: 'flag',
} as const;
const RESULT = { OutputLocation: 'text', EncryptionConfiguration: 'object' } as const;
const RESULT_UPDATES = { ...RESULT, RemoveOutputLocation: 'flag', RemoveEncryptionConfiguration: 'flag' } as const;
const ENGINE = { SelectedEngineVersion: 'text', EffectiveEngineVersion: 'text' } as const;
const ENGINE_3 = 'Athena engine version 3';

type Settings = {
  EnforceWorkGroupConfiguration?: boolean;
  PublishCloudWatchMetricsEnabled?: boolean;
  BytesScannedCutoffPerQuery?: number;
  RequesterPaysEnabled?: boolean;
  EngineVersion?: unknown;
};

const checkSettings = (settings: Settings): void => {
  const { BytesScannedCutoffPerQuery: cutoff, EngineVersion, RequesterPaysEnabled } = settings;
  if (cutoff !== undefined && cutoff < LEAST_CUTOFF) {
    throw invalidRequest(`BytesScannedCutoffPerQuery must be at least ${LEAST_CUTOFF} bytes.`);
  }
  if (RequesterPaysEnabled) throw new NotImplementedHere('with RequesterPaysEnabled');
  const { SelectedEngineVersion = 'AUTO' } = readMembers(EngineVersion ?? {}, ENGINE, INVALID, 'EngineVersion.');
  if (!['AUTO', ENGINE_3].includes(SelectedEngineVersion)) {
    throw new NotImplementedHere(`with SelectedEngineVersion ${SelectedEngineVersion}`);
  }
};
const checkOutput = (output: string | undefined): string | undefined => {
  if (output !== undefined && !OUTPUT.test(output)) throw invalidRequest('outputLocation is not a valid S3 path.');
  return output;
};

const describe = ({ name, description, state, configuration, created }: WorkGroup) => ({
  Name: name,
  State: state,
  Configuration: {
    ResultConfiguration: {
      ...(configuration.output !== undefined && { OutputLocation: configuration.output }),
      ...(configuration.encryption && { EncryptionConfiguration: configuration.encryption }),
    },
    EnforceWorkGroupConfiguration: configuration.enforced,
    PublishCloudWatchMetricsEnabled: configuration.metrics,
    ...(configuration.cutoff !== undefined && { BytesScannedCutoffPerQuery: configuration.cutoff }),
    RequesterPaysEnabled: false,
    EngineVersion: { SelectedEngineVersion: ENGINE_3, EffectiveEngineVersion: ENGINE_3 },
  },
  ...(description !== undefined && { Description: description }),
  CreationTime: created / 1000,
});

/** Bucket and key of a query's result in a workgroup's place of results. */
export const resultPlace = (output: string, id: string): { bucket: string; key: string } => {
  const [, bucket, prefix] = OUTPUT.exec(output) as unknown as [string, string, string];
  return { bucket, key: `${prefix}${prefix === '' || prefix.endsWith('/') ? '' : '/'}${id}.csv` };
};

/**
 * Workgroups in a file under `dir`, and the operations on them. There is always `primary`, which has no place for
 * results.
 */
export const openWorkGroups = (dir: string, now: () => number) => {
  const path = join(dir, 'workgroups.json');
  const groups = new Map<string, WorkGroup>();
  const primary = { name: 'primary', state: 'ENABLED', configuration: { enforced: false, metrics: false } } as const;
  groups.set(primary.name, { ...primary, created: now() });
  if (existsSync(path)) {
    for (const group of JSON.parse(readFileSync(path, 'utf8')) as WorkGroup[]) groups.set(group.name, group);
  }
  const put = (group: WorkGroup) => {
    mkdirSync(dir, { recursive: true });
    writeAtomically(path, JSON.stringify([...new Map(groups).set(group.name, group).values()]));
    groups.set(group.name, group);
  };
  /** Throws InvalidRequestException. */
  const find = (name: string): WorkGroup => {
    const found = groups.get(name);
    if (!found) throw invalidRequest(`WorkGroup ${name} is not found.`);
    return found;
  };

  const operations: Record<string, ServiceOperation> = {
    CreateWorkGroup: operation(
      { Name: 'text!', Description: 'text', Configuration: 'object' },
      ({ Name, Description, Configuration }) => {
        if (!NAME.test(Name)) throw invalidRequest('A workgroup is named by letters, digits, . _ and -, 128 at most.');
        if (groups.has(Name)) throw invalidRequest('WorkGroup is already created');
        const settings = readMembers(Configuration ?? {}, CONFIGURATION, INVALID, 'Configuration.');
        checkSettings(settings);
        const result = readMembers(settings.ResultConfiguration ?? {}, RESULT, INVALID, 'ResultConfiguration.');
        put({
          name: Name,
          description: Description,
          state: 'ENABLED',
          configuration: {
            output: checkOutput(result.OutputLocation),
            encryption: result.EncryptionConfiguration,
            enforced: settings.EnforceWorkGroupConfiguration ?? true,
            metrics: settings.PublishCloudWatchMetricsEnabled ?? true,
            cutoff: settings.BytesScannedCutoffPerQuery,
          },
          created: now(),
        });
        return {};
      },
    ),
    GetWorkGroup: operation({ WorkGroup: 'text!' }, ({ WorkGroup }) => ({ WorkGroup: describe(find(WorkGroup)) })),
    UpdateWorkGroup: operation(
      { WorkGroup: 'text!', Description: 'text', ConfigurationUpdates: 'object', State: 'text' },
      ({ WorkGroup, Description, ConfigurationUpdates, State }) => {
        const group = find(WorkGroup);
        if (State !== undefined && State !== 'ENABLED' && State !== 'DISABLED') {
          throw invalidRequest('State must be ENABLED or DISABLED.');
        }
        const settings = readMembers(ConfigurationUpdates ?? {}, UPDATES, INVALID, 'ConfigurationUpdates.');
        checkSettings(settings);
        const given = settings.ResultConfigurationUpdates ?? {};
        const result = readMembers(given, RESULT_UPDATES, INVALID, 'ResultConfigurationUpdates.');
        const was = group.configuration;
        put({
          ...group,
          description: Description ?? group.description,
          state: State ?? group.state,
          configuration: {
            output: result.RemoveOutputLocation ? undefined : (checkOutput(result.OutputLocation) ?? was.output),
            encryption: result.RemoveEncryptionConfiguration
              ? undefined
              : (result.EncryptionConfiguration ?? was.encryption),
            enforced: settings.EnforceWorkGroupConfiguration ?? was.enforced,
            metrics: settings.PublishCloudWatchMetricsEnabled ?? was.metrics,
            cutoff: settings.RemoveBytesScannedCutoffPerQuery
              ? undefined
              : (settings.BytesScannedCutoffPerQuery ?? was.cutoff),
          },
        });
        return {};
      },
    ),
  };
  return { find, operations };
};

export type WorkGroups = ReturnType<typeof openWorkGroups>;
