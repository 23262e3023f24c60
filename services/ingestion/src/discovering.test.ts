import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SourceDefinition } from '@granary/domain/source';
import { expectSound } from '@granary/domain/use-cases/testing/invariants';
import { embrapaFile } from '@granary/replica/embrapa/file';
import { embrapa } from '@granary/sources/testing/shipped';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type Stack, startStack } from './testing/stack.ts';

jest.setTimeout(90_000);

const RESOURCES = embrapa.discover({ base_url: embrapa.base_url });
const NAMES = RESOURCES.map(({ hints }) => hints.file!);
/** Files of a page. */
const EACH = 4;

let server: Server;
let stack: Stack;
/** Paths, as they were asked for. */
const asked: string[] = [];

/** A portal: `/page-1` lists four files and leads to `/page-2`, and so on. */
const answer = (path: string): string | Buffer => {
  const [, number] = /^\/page-(\d+)$/.exec(path) ?? [];
  if (number === undefined) return embrapaFile(path.slice(1, -'.csv'.length), { seed: 'granary', vintage: 2022 });
  const first = (Number(number) - 1) * EACH;
  const next = first + EACH < NAMES.length ? [`page-${Number(number) + 1}`] : [];
  return JSON.stringify({ files: NAMES.slice(first, first + EACH), next });
};

const listing: SourceDefinition['listing'] = {
  accept: 'application/json',
  first: ({ base_url }) => [{ url: `${base_url}page-1`, hints: {} }],
  read(_, body, { base_url }) {
    const { files, next } = JSON.parse(Buffer.from(body).toString()) as { files: string[]; next: string[] };
    return {
      resources: files.map((name) => {
        const { dataset, hints } = RESOURCES.find((resource) => resource.hints.file === name)!;
        return { dataset, url: `${base_url}${name}.csv`, hints };
      }),
      next: next.map((page) => ({ url: `${base_url}${page}`, hints: {} })),
    };
  },
};

beforeAll(async () => {
  server = createServer(({ url = '/' }, response) => {
    asked.push(url);
    response.end(answer(url));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  // Nothing but the files is there to be asked.
  stack = await startStack(base, { discover: () => [], listing, secondOpinion: () => undefined });
});
afterAll(async () => {
  await stack.stop();
  server.closeAllConnections();
  server.close();
});

it('a portal is collected page by page: through the queue, the worker and the stores as they are deployed', async () => {
  const run = await stack.collect({ workers: 4 });
  const pages = Math.ceil(NAMES.length / EACH);
  expect(run).toMatchObject({ state: 'succeeded', parts: NAMES.length + pages, errors: [] });
  expect(run).toMatchObject({ parts_done: run.parts, counts: { requests: run.parts } });
  expect(run.versions).toHaveLength(NAMES.length);
  for (const { dataset } of RESOURCES) await expectSound(stack.deps, dataset, 1);
  expect(asked.filter((path) => path.startsWith('/page-')).sort()).toEqual([
    '/page-1',
    '/page-2',
    '/page-3',
    '/page-4',
  ]);
  expect(await stack.deadLetters()).toEqual([]);

  const again = await stack.collect({ workers: 4 });
  expect(again).toMatchObject({ state: 'succeeded', parts: run.parts, counts: { unchanged: NAMES.length } });
});
