import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '@granary/admin/user-error';

/** Fetches what lies at an address into a folder; gives the path. `name`: the last part of the address. */
export const fetchFile = async (url: string, folder: string): Promise<{ path: string; name: string }> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(120_000) }).catch((error: Error) => {
    throw new UserError(`${url} could not be fetched: ${String(error.cause ?? error.message)}`);
  });
  if (!answer.ok || !answer.body) throw new UserError(`${url} answered ${answer.status}.`);
  const name = new URL(answer.url).pathname.split('/').at(-1) || new URL(url).host;
  const path = join(folder, 'fetched');
  await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(path));
  return { path, name: decodeURIComponent(name) };
};
