import { openWorkGroups } from './athena-workgroups.ts';
import { type JsonService, makeJsonService, type Operation } from './json-service.ts';

/** Athena as far as Granary uses it: workgroups, kept under `dir`. */
export const startAthena = (options: {
  dir: string;
  onFailure: (error: Error) => void;
  /** ms since the epoch */
  now?: () => number;
}): { handle: JsonService } => {
  const { dir, now = Date.now } = options;
  const groups = openWorkGroups(dir, now);
  const operations: Record<string, Operation> = { ...groups.operations };
  const handle = makeJsonService({
    name: 'Athena',
    target: 'AmazonAthena',
    operations,
    errors: { invalid: 'InvalidRequestException', internal: 'InternalServerException' },
    largest: 1 << 20,
    onFailure: options.onFailure,
  });
  return { handle };
};
