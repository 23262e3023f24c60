import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './aws/atomic-json-store.ts';
import type { StartOptions } from './options.ts';
import { Sentence } from './sentences.ts';

export type Source = {
  /** For people: what is collected from. */
  name: string;
  /** Whom a collection waits for. */
  host: string;
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

/** The address that the operator configured, if any. Throws a Sentence when it is none; one with a password is not repeated. */
export const configuredSource = (env = process.env): string | undefined => {
  const text = env[VARIABLE];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.username || url?.password || (!url?.host && text.includes('@')))
    throw new Sentence(`${VARIABLE} must be an http(s) address without a user name or password.`);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Sentence(`${VARIABLE} must be an http(s) address, not '${text}'.`);
  return text;
};

/** What is collected from: the address that the operator configured, the real site, or the replica, started here. */
export const startSource = async (options: { options: StartOptions; state: string; port: number }): Promise<Source> => {
  const configured = configuredSource();
  const close = async () => undefined;
  if (configured) return { name: configured, host: new URL(configured).host, env: { [VARIABLE]: configured }, close };
  if (options.options.live) {
    const { embrapa } = await import('@granary/sources/embrapa');
    return {
      name: 'the real public sites',
      host: new URL(embrapa.base_url).host,
      env: { [VARIABLE]: undefined },
      close,
    };
  }
  const { startReplica } = await import('./replica/replica.ts');
  const vintage = chooseVintage(options.options.vintage, options.state);
  const replica = await startReplica({ port: options.port, vintage });
  return {
    name: `the replica at ${replica.url}`,
    host: `the replica (${new URL(replica.url).host})`,
    env: { [VARIABLE]: replica.bases.embrapa },
    close: replica.close,
  };
};
