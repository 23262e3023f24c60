/**
 * Previews a file of 1 MB again and again by the function's own handler, and prints the median of the processor times
 * of warm calls: what a quiet core takes. Log lines go nowhere; a fetch is the copying of a local file, which is taken
 * off.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utils, write } from '@e965/xlsx';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { routes } from '../services/api/src/areas/preview.ts';
import { callArea } from '../services/api/src/testing/call-area.ts';
import { median } from './measure.ts';

const HEADER = ['station', 'day', 'level', 'count', 'code', 'remark'];
const STATIONS = ['Faro', 'Lagos', 'Sines', 'Évora', 'São João'];
const rowOf = (i: number): (string | number)[] => [
  ...[STATIONS[i % 5]!, `20${10 + (i % 15)}-0${1 + (i % 9)}-1${i % 9}`, Math.round(i * 37.7) / 100, i * 3],
  ...[`00${i % 977}`, i % 11 === 0 ? 'as told, by "them"' : ''],
];
const quoted = (cell: string | number): string =>
  /[",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);

const MAKERS: Record<string, (rows: number) => Buffer> = {
  csv: (rows) =>
    Buffer.from(
      [HEADER, ...Array.from({ length: rows }, (_, i) => rowOf(i))]
        .map((row) => `${row.map(quoted).join(',')}\n`)
        .join(''),
    ),
  xlsx(rows) {
    const book = utils.book_new();
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([HEADER, ...Array.from({ length: rows }, (_, i) => rowOf(i))]),
      'Data',
    );
    return write(book, { type: 'buffer', bookType: 'xlsx', compression: true });
  },
  html: (rows) =>
    Buffer.from(
      `<!doctype html><table><tr>${HEADER.map((name) => `<th>${name}</th>`).join('')}</tr>${Array.from(
        { length: rows },
        (_, i) =>
          `<tr>${rowOf(i)
            .map((cell) => `<td>${cell}</td>`)
            .join('')}</tr>`,
      ).join('')}</table>`,
    ),
};
/** The first calls are not warm. */
const WARM_UP = 10;
const ROWS: Record<string, number> = { csv: 26_000, xlsx: 10_000, html: 11_500 };

const [what = 'csv', rounds = '7'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'granary-bench-'));
try {
  const bytes = MAKERS[what]!(ROWS[what]!);
  const file = join(folder, 'file');
  writeFileSync(file, bytes);
  let copying = 0;
  let copies = 0;
  const fetched = { bytes: bytes.length, etag: null, last_modified: null, content_type: null };
  const fetch = async () => {
    const begun = process.cpuUsage();
    const path = join(folder, `copy-${copies++}`);
    copyFileSync(file, path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { user, system } = process.cpuUsage(begun);
    copying = (user + system) / 1000;
    return { status: 'fetched', path, sha256, ...fetched };
  };
  const deps = {
    fetch,
    budget: makeMemoryHostBudget(),
    clock: Date.now,
    sleep: async () => {},
    random: Math.random,
    tmpdir: folder,
  };
  const call = callArea(deps as never, routes, ['operators']);
  const body = JSON.stringify({ url: `https://files.example/rain.${what}` });
  const times: number[] = [];
  let answer: Awaited<ReturnType<typeof call>> | undefined;
  for (let round = 0; round < Number(rounds) + WARM_UP; round++) {
    const begun = process.cpuUsage();
    answer = await call('/v1/admin/sources/preview', { method: 'POST', body });
    const { user, system } = process.cpuUsage(begun);
    if (round >= WARM_UP) times.push((user + system) / 1000 - copying);
  }
  const { resources } = answer!.json();
  const tables: { counts: { rows_published: number }; refused: string | null }[] = resources[0].tables;
  if (tables.length !== 1 || tables[0]!.counts.rows_published !== ROWS[what])
    throw new Error(JSON.stringify(resources).slice(0, 2000));
  process.stdout.write(
    `${JSON.stringify({ ms: median(times), bytes: bytes.length, rows: ROWS[what], tables: tables.length })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
