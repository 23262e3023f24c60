import type { SqlDeps } from '@granary/sql/sql-deps';
import { makeMemoryCatalog } from '@granary/stores/memory-catalog';
import { makeMemoryObjectStore } from '@granary/stores/memory-object-store';
import { type MemoryResult, makeMemoryQueryEngine } from '@granary/stores/memory-query-engine';
import { routes } from '../areas/query.ts';
import { callArea } from './call-area.ts';
import { publishCsv } from './publish-csv.ts';

const CSV = 'id;control;produto;1970\n1;VINHO DE MESA;VINHO DE MESA;1000\n2;vm_Tinto;Tinto;900\n';
export const SQL = 'SELECT year, quantity FROM embrapa_comercio';
export const START = Date.parse('2026-11-20T12:00:00Z');
export const MINUTE = 60_000;

export const rowsOf = (count: number, text = 'x'): MemoryResult => ({
  columns: [
    { name: 'n', type: 'integer' },
    { name: 'word', type: 'varchar' },
  ],
  rows: Array.from({ length: count }, (_, index) => [String(index), text]),
});

type World = { answer?: (sql: string) => MemoryResult; changed?: number | undefined; groups?: readonly string[] };
/** The area of queries over one published dataset, an engine that answers what a test says, and a clock: for tests. */
export const world = async ({ answer = () => rowsOf(3), groups = ['analysts'], ...rest }: World = {}) => {
  const catalog = makeMemoryCatalog();
  const objects = makeMemoryObjectStore();
  await publishCsv({ catalog, objects }, 'embrapa_comercio', CSV);
  let now = START;
  const clock = () => now;
  const sent: { sql: string; reuse_minutes: number }[] = [];
  const slept: number[] = [];
  const memory = makeMemoryQueryEngine({ answer, now: clock, objects });
  const deps: SqlDeps = {
    catalog,
    engine: {
      ...memory,
      start: (query) => {
        sent.push(query);
        return memory.start(query);
      },
    },
    objects,
    times: { changedAt: async () => ('changed' in rest ? rest.changed : START - 1000 * MINUTE) },
    clock,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    limits: { seconds: 300, reuse_minutes: 60, bytes: 1_073_741_824 },
  };
  const lines: string[] = [];
  const call = callArea(deps, routes, groups, (line) => lines.push(line));
  const post = (body: object, headers: Record<string, string> = {}, path = '/v1/query') =>
    call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const started = async (body: object = { sql: SQL }) =>
    (await post(body, { prefer: 'respond-async' })).json().id as string;
  const pass = (ms: number): void => {
    now += ms;
  };
  return { call, post, started, sent, slept, lines, deps, catalog, objects, pass };
};
