import { createHash } from 'node:crypto';
import type { PublishedVersion } from '@granary/domain/dataset';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { makeMemorySourceStore } from '@granary/stores/memory-source-store';
import { cellAt } from '@granary/tabular/cells';
import { type DiffTable, diffTableOf } from '@granary/tabular/diff/diff-table';
import type { Change } from '@granary/tabular/diff/diff-tables';
import type { Cell } from '@granary/tabular/table';
import { applyDiff } from '@granary/tabular/testing/apply-diff';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '../areas/history.ts';
import { callArea } from '../testing/call-area.ts';
import { publishCsv } from '../testing/publish-csv.ts';
import { openVersion } from '../versions/version-table.ts';

const YEARS = [1970, 1971, 1972, 1973];
/** Products first … last - 1; of every third the figures are `more` than in the other version. */
const csv = (first: number, last: number, more: number): string => {
  const lines = Array.from({ length: last - first }, (_, i) => {
    const id = first + i;
    const figures = YEARS.map((year) => id * 10 + (year % 10) + (id % 3 === 0 ? more : 0));
    return [id, `vm_P${id}`, `Vinho d'Água número ${id}`, ...figures].join(';');
  });
  return ['id;control;produto;1970;1971;1972;1973', '0;VINHO DE MESA;VINHO DE MESA;1;2;3;4', ...lines, ''].join('\n');
};

const rowsOf = async (table: DiffTable): Promise<Cell[][]> => {
  const rows: Cell[][] = [];
  for await (const { rows: count, columns } of table.batches())
    for (let row = 0; row < count; row++) rows.push(columns.map((column) => cellAt(column, row)));
  return rows;
};

describe('a diff that is too big to be sent', () => {
  const objects = makeMemoryObjectStore();
  const stores = { catalog: makeMemoryCatalog(), objects, now: Date.now, configurations: makeMemorySourceStore() };
  const call = callArea(stores, routes);
  const path = '/v1/datasets/embrapa_comercio/diff?from=1&to=2&format=ndjson';
  const versions: PublishedVersion[] = [];
  beforeAll(async () => {
    for (const file of [csv(1, 6001, 0), csv(2001, 10_001, 5)])
      versions.push(await publishCsv(stores, 'embrapa_comercio', file));
  }, 180_000);

  it('is a 303 to a file that has its digest and makes the newer version of the older', async () => {
    const { statusCode, headers, json } = await call(path);
    expect([statusCode, headers['Cache-Control'], headers['Content-Type']]).toEqual([
      303,
      'no-store',
      'application/json',
    ]);
    const stored = json();
    expect(stored).toEqual({
      location: headers.Location,
      rows: 4 * (2000 + 4000) + 4 * 1334,
      bytes: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      expires_at: expect.any(String),
      from: 1,
      to: 2,
      content_type: 'application/x-ndjson',
    });
    const [key] = await objects.list('exports/');
    expect(headers.Location).toContain(`memory:${key}`);
    const file = Buffer.from((await objects.get(key)) as Uint8Array);
    expect([file.length, createHash('sha256').update(file).digest('hex')]).toEqual([stored.bytes, stored.sha256]);
    expect((await objects.head(key))?.metadata).toEqual({ rows: String(stored.rows), sha256: stored.sha256 });

    const lines = file.toString().trimEnd().split('\n');
    const changes = lines.map((line) => JSON.parse(line) as Change);
    expect(changes).toHaveLength(stored.rows);
    const [from, to] = await Promise.all(
      versions.map(async (version) => {
        const table = diffTableOf(await openVersion(objects, version), version.key);
        return { ...table, rows: await rowsOf(table) };
      }),
    );
    const told = (rows: readonly (readonly Cell[])[]) =>
      rows.map((row) => row.filter((_, i) => to.fields[i].name !== 'line').join('|')).sort();
    expect(told(applyDiff(from, to, changes))).toEqual(told(to.rows));
  }, 180_000);

  it('is written once for a pair of versions, and not for who asks for its headers only', async () => {
    const before = await objects.list('exports/');
    expect((await call(path)).statusCode).toBe(303);
    expect(await objects.list('exports/')).toEqual(before);
    const head = await call(path.replace('from=1&to=2', 'from=2&to=1'), { method: 'HEAD' });
    expect([head.statusCode, head.headers['Content-Type']]).toEqual([200, 'application/x-ndjson']);
    expect(await objects.list('exports/')).toEqual(before);
    expect((await call(path.replace('from=1&to=2', 'from=2&to=1'))).statusCode).toBe(303);
    expect(await objects.list('exports/')).toHaveLength(2);
  }, 180_000);

  it('R12: is where that file lies for who asks not to be redirected, also of a few changes', async () => {
    const { headers } = await call(path);
    const { statusCode, json } = await call(`${path}&redirect=false`);
    expect([statusCode, json().location]).toEqual([200, headers.Location]);
    const page = await call(`${path}&redirect=false&limit=2`);
    expect([page.statusCode, page.headers['Content-Type']]).toEqual([200, 'application/x-ndjson']);
    const few = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore(), now: Date.now };
    for (const file of [csv(1, 3, 0), csv(1, 4, 5)]) await publishCsv(few, 'embrapa_comercio', file);
    const answer = await callArea({ ...stores, ...few }, routes)(`${path}&redirect=false`);
    expect([answer.statusCode, answer.headers['Content-Type']]).toEqual([200, 'application/vnd.granary.file+json']);
    expect(answer.json()).toMatchObject({ from: 1, to: 2, rows: expect.any(Number) });
    expect(await few.objects.list('exports/')).toHaveLength(1);
  });

  it('is pages with links where a limit is given, which are the same changes', async () => {
    const [, key] = (await call(path)).headers.Location.split(/memory:|\?/);
    const file = Buffer.from((await objects.get(key)) as Uint8Array).toString();
    let text = '';
    let next: string | undefined = `${path}&limit=1000`;
    for (let pages = 0; next && pages < 3; pages++) {
      const page = await call(next);
      expect(page.statusCode).toBe(200);
      text += page.isBase64Encoded ? Buffer.from(page.body, 'base64').toString() : page.body;
      next = /^<\/dev(\/v1\/[^>]+)>; rel="next"$/.exec(page.headers.Link)?.[1];
    }
    expect(text).toBe(`${file.split('\n').slice(0, 3000).join('\n')}\n`);
  }, 180_000);
});
