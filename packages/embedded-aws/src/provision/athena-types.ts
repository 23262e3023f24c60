import {
  CreateWorkGroupCommand,
  GetWorkGroupCommand,
  UpdateWorkGroupCommand,
  type WorkGroupConfiguration,
} from '@aws-sdk/client-athena';
import {
  CreateDatabaseCommand,
  type DatabaseInput,
  GetDatabaseCommand,
  UpdateDatabaseCommand,
} from '@aws-sdk/client-glue';
import { type Provision, unlessMissing } from './provision-type.ts';

export const sqlDatabase: Provision = async (properties, { clients: { glue } }) => {
  const { DatabaseInput } = properties as { DatabaseInput?: DatabaseInput };
  const Name = DatabaseInput?.Name;
  if (!DatabaseInput || !Name) throw new Error('A database needs a DatabaseInput with a Name here.');
  const there = await unlessMissing(glue.send(new GetDatabaseCommand({ Name })), 'EntityNotFoundException');
  if (there) await glue.send(new UpdateDatabaseCommand({ Name, DatabaseInput }));
  else await glue.send(new CreateDatabaseCommand({ DatabaseInput }));
  return { ref: Name, attributes: {} };
};

/** CloudFormation takes numbers and truths as text too, such as those of a parameter. */
const asFlag = (value: unknown) => (value === undefined ? undefined : String(value) === 'true');
const asNumber = (value: unknown) => (value === undefined ? undefined : Number(value));

const configurationOf = (given: WorkGroupConfiguration): WorkGroupConfiguration => ({
  ...given,
  EnforceWorkGroupConfiguration: asFlag(given.EnforceWorkGroupConfiguration),
  PublishCloudWatchMetricsEnabled: asFlag(given.PublishCloudWatchMetricsEnabled),
  BytesScannedCutoffPerQuery: asNumber(given.BytesScannedCutoffPerQuery),
});

/** What the template says; `RecursiveDeleteOption` is CloudFormation's own, for when the stack is removed. */
export const sqlWorkGroup: Provision = async (properties, { clients: { athena } }) => {
  const { Name, Description, State, WorkGroupConfiguration } = properties as {
    Name?: string;
    Description?: string;
    State?: 'ENABLED' | 'DISABLED';
    WorkGroupConfiguration?: WorkGroupConfiguration;
  };
  if (!Name) throw new Error('A workgroup needs a Name here.');
  const Configuration = configurationOf(WorkGroupConfiguration ?? {});
  const get = athena.send(new GetWorkGroupCommand({ WorkGroup: Name }));
  if (!(await unlessMissing(get, 'InvalidRequestException'))) {
    await athena.send(new CreateWorkGroupCommand({ Name, Description, Configuration }));
    return { ref: Name, attributes: {} };
  }
  const { ResultConfiguration, BytesScannedCutoffPerQuery, ...rest } = Configuration;
  const ConfigurationUpdates = {
    ...rest,
    ...(BytesScannedCutoffPerQuery === undefined
      ? { RemoveBytesScannedCutoffPerQuery: true }
      : { BytesScannedCutoffPerQuery }),
    ResultConfigurationUpdates: {
      ...(ResultConfiguration?.OutputLocation ? ResultConfiguration : { RemoveOutputLocation: true }),
    },
  };
  await athena.send(new UpdateWorkGroupCommand({ WorkGroup: Name, Description, State, ConfigurationUpdates }));
  return { ref: Name, attributes: {} };
};
