import { join } from 'node:path';
import type { AlarmFacts } from '@granary/embedded-aws/cloudwatch/cloudwatch';
import type { Datum } from '@granary/embedded-aws/cloudwatch/metric-store';
import { ACCOUNT_ID, type EmbeddedAws, REGION, startEmbeddedAws } from '@granary/embedded-aws/embedded-aws';
import { loadTemplates, type Template } from '@granary/embedded-aws/provision/templates';
import { HOSTS } from './hosts.ts';
import { type LocalStack, ROOT, readLocalStack, writeResources } from './state.ts';

export type Backend = {
  endpoint: string;
  templates: readonly Template[];
  userPoolId: string;
  clientId: string;
  users: LocalStack['users'];
  /** As in EmbeddedAws; with another AWS nothing is measured and no alarm is known. */
  measured(data: readonly Datum[]): void;
  logged: EmbeddedAws['logged'];
  alarms(): AlarmFacts[];
  close(): Promise<void>;
};

export const STAGE = 'local';

const param = (templates: readonly Template[], name: string): number | undefined => {
  const value = templates.map((template) => template.params[name]).find((found) => found !== undefined);
  return value === undefined ? undefined : Number(value);
};

/** The stage's throttling, as services/api gives it to API Gateway. */
export const throttleOf = (templates: readonly Template[]) => ({
  rate: param(templates, 'throttleRate') ?? 50,
  burst: param(templates, 'throttleBurst') ?? 100,
});

/**
 * The embedded AWS (or the one at `external`), with everything that the services declare provisioned in it and a demo
 * user for each group. Writes `resources.json`, for which the services under `sls offline` wait.
 */
export const startBackend = async (options: {
  state: string;
  port: number;
  external: string | undefined;
  /** How many times shorter the periods of alarms are than they say. */
  alarmSpeed?: number;
  onAlarm?: (alarm: AlarmFacts) => void;
  tracing: boolean;
  onFailure: (error: Error) => void;
}): Promise<Backend> => {
  const { state, port, external, tracing, alarmSpeed, onAlarm, onFailure } = options;
  const aws: Omit<EmbeddedAws, 'port'> = external
    ? {
        url: external,
        measured: () => undefined,
        logged: () => undefined,
        alarms: () => [],
        close: async () => undefined,
      }
    : await startEmbeddedAws({ port, dir: join(state, 'aws'), hosts: HOSTS, tracing, alarmSpeed, onAlarm, onFailure });
  try {
    const templates = await loadTemplates({ root: ROOT, stage: STAGE });
    // The SDK takes half a second to load, so it comes when the services are under way.
    const [{ provision }, { ensureDemoUsers }] = await Promise.all([
      import('@granary/embedded-aws/provision/provision'),
      import('./demo-users.ts'),
    ]);
    const resources = await provision(templates, {
      endpoint: aws.url,
      account: ACCOUNT_ID,
      region: REGION,
      stage: STAGE,
    });
    const userPoolId = resources.exports[`granary-${STAGE}-user-pool-id`] ?? '';
    const clientId = resources.exports[`granary-${STAGE}-user-pool-client-id`] ?? '';
    const place = { endpoint: aws.url, region: REGION, userPoolId };
    const users = await ensureDemoUsers(place, readLocalStack(state)?.users);
    writeResources(resources, state);
    const { measured, logged, alarms, close } = aws;
    return { endpoint: aws.url, templates, userPoolId, clientId, users, measured, logged, alarms, close };
  } catch (error) {
    await aws.close();
    throw error;
  }
};
