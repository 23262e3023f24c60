import { readFile } from 'node:fs/promises';
import { defineEndpoint } from '@granary/runtime/endpoint';
import { KeptBody } from '@granary/runtime/http/kept-body';
import { type ReplyBody, reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';
import { START } from '../../docs/docs-page.ts';
import { PUBLISHED } from '../../docs/documents.ts';
import { uiFile } from '../../docs/ui-files.ts';

const TYPES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
  'favicon-32x32.png': 'image/png',
  'start.js': 'text/javascript; charset=utf-8',
} as const;
type File = keyof typeof TYPES;

export const endpoint = defineEndpoint({
  method: 'GET',
  path: '/docs/{file}',
  auth: 'public',
  grants: [],
  summary: 'Gets a file of the page at /docs',
  examples: [{ summary: 'The style sheet', path: '/docs/swagger-ui.css' }],
  request: () => ({ path: z.object({ file: z.enum(Object.keys(TYPES) as [File, ...File[]]) }) }),
  run: () => {
    const kept = new Map<File, ReplyBody>();
    return async ({ path: { file } }) => {
      const body = kept.get(file) ?? (await read(file));
      kept.set(file, body);
      const headers = { 'Content-Type': TYPES[file], 'X-Content-Type-Options': 'nosniff' };
      return reply({ headers, body, cache_control: PUBLISHED });
    };
  },
});

/** Text is kept with its compressed forms: a megabyte and a half is not to be compressed for every reader. */
const read = async (file: File): Promise<ReplyBody> => {
  if (file === 'start.js') return START;
  if (file.endsWith('.png')) return readFile(uiFile(file));
  return new KeptBody(await readFile(uiFile(file), 'utf8'), TYPES[file]);
};
