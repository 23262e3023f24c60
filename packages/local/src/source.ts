import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './aws/atomic-json-store.ts';
import type { StartOptions } from './options.ts';

export type Source = {
  /** For people: what is collected from. */
  name: string;
  /** What tells ingestion where to read. */
  env: Record<string, string | undefined>;
  close(): Promise<void>;
};

const VARIABLE = 'GRANARY_EMBRAPA_URL';

/** The vintage of an earlier start stays, or a plain start would take back the year that `--vintage` had published. */
const chooseVintage = (wanted: number | undefined, state: string): number | undefined => {
  const path = join(state, 'replica.json');
  const before = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { vintage?: number }).vintage
    : undefined;
  const vintage = wanted ?? before;
  if (vintage !== undefined) writeAtomically(path, JSON.stringify({ vintage }));
  return vintage;
};

/** What is collected from: the address that the operator configured, the real site, or the replica, started here. */
export const startSource = async (options: { options: StartOptions; state: string; port: number }): Promise<Source> => {
  const configured = process.env[VARIABLE];
  const close = async () => undefined;
  if (configured) return { name: configured, env: { [VARIABLE]: configured }, close };
  if (options.options.live) return { name: 'the real public sites', env: { [VARIABLE]: undefined }, close };
  const { startReplica } = await import('./replica/replica.ts');
  const vintage = chooseVintage(options.options.vintage, options.state);
  const replica = await startReplica({ port: options.port, vintage });
  return {
    name: `the replica at ${replica.url}`,
    env: { [VARIABLE]: replica.bases.embrapa },
    close: replica.close,
  };
};
