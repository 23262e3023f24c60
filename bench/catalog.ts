/**
 * Goal 19: a search of the catalog with facets among 10,000 datasets, beside the same among 100, by the function's own
 * handler, warm, over DynamoDB as the local stack has it; and what it reads. In turns, in one process.
 */
import { makeDynamoCatalog } from '@granary/stores/dynamo-catalog';
import { startEmulators } from '@granary/stores/testing/emulators';
import { routes } from '../services/api/src/areas/catalog.ts';
import { callArea } from '../services/api/src/testing/call-area.ts';
import { DATASETS_AT, fillCatalog } from './catalog-data.ts';
import { interleaved } from './measure.ts';
import { printWhenMain } from './print.ts';
import type { BenchRow } from './row.ts';

type Emulators = Awaited<ReturnType<typeof startEmulators>>;
const LIMIT = 3;
const CALLS = 10;

/** Each finds a full page in both catalogs: how many datasets are read is then the same. */
const QUESTIONS = {
  'a rare word': '/v1/datasets?q=kestrel&limit=2',
  'a word of every second dataset': '/v1/datasets?q=annual&limit=20',
  'the beginning of two words, and a filter': '/v1/datasets?q=an+re&licence=CC0-1.0&limit=5',
  'no word, the newest first': '/v1/datasets?sort=-updated_at&limit=20',
  '100 of a list': '/v1/datasets',
} as const;

/** The handler over a table of that many datasets, and the bytes that DynamoDB sent it. */
const warmHandler = async (emulators: Emulators, count: number) => {
  const place = { client: emulators.documents, table: await emulators.createCatalogTable(`catalog-${count}`) };
  await fillCatalog(place.client, place.table, count);
  const now = () => DATASETS_AT + 3_600_000;
  const call = callArea({ catalog: makeDynamoCatalog({ ...place, now }), runs: {} as never, now }, routes as never);
  const begun = performance.now();
  await call('/v1/datasets?q=annual&limit=20');
  return { call, first_ms: performance.now() - begun };
};

export const run = async ({ quick }: { quick: boolean }): Promise<BenchRow[]> => {
  const emulators = await startEmulators();
  const read = { bytes: 0 };
  emulators.documents.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const { headers } = answer.response as { headers?: Record<string, string> };
      read.bytes += Number(headers?.['content-length'] ?? 0);
      return answer;
    },
    { step: 'deserialize', priority: 'low' },
  );
  try {
    const few = await warmHandler(emulators, 100);
    const many = await warmHandler(emulators, 10_000);
    const rows: BenchRow[] = [];
    for (const [what, path] of Object.entries(QUESTIONS)) {
      const measure = (handler: typeof few) => async () => {
        const begun = performance.now();
        for (let n = 0; n < CALLS; n++) await handler.call(path);
        return (performance.now() - begun) / CALLS;
      };
      const bytesOf = async (handler: typeof few) => {
        read.bytes = 0;
        const { statusCode, json } = await handler.call(path);
        if (statusCode !== 200) throw new Error(`${path}: ${statusCode}`);
        const limit = Number(/limit=(\d+)/.exec(path)?.[1] ?? 100);
        if (json().items.length !== limit) throw new Error(`${path} finds ${json().items.length} datasets.`);
        return read.bytes;
      };
      const bytes = { few: await bytesOf(few), many: await bytesOf(many) };
      const ms = await interleaved({ few: measure(few), many: measure(many) }, quick ? 5 : 25);
      const ratio = ms.many / ms.few;
      rows.push({
        ...{ goal: '19', what: `catalog of 10,000 datasets, ${what}`, value: ms.many, unit: 'ms' },
        ...{ peer: `100 datasets: ${ms.few.toFixed(2)} ms`, ratio, limit: LIMIT, met: ratio <= LIMIT },
      });
      rows.push({
        ...{ goal: '19', what: 'the same: bytes read of DynamoDB', value: bytes.many / 1000, unit: 'kB' },
        ...{ peer: `100 datasets: ${(bytes.few / 1000).toFixed(1)} kB`, ratio: bytes.many / bytes.few, limit: 1.2 },
        met: bytes.many <= 1.2 * bytes.few,
      });
    }
    rows.push({
      ...{ goal: '', what: 'the first search of a process, 10,000 datasets', value: many.first_ms, unit: 'ms' },
      ...{
        peer: `100 datasets: ${few.first_ms.toFixed(0)} ms`,
        ratio: many.first_ms / few.first_ms,
        limit: 0,
        met: true,
      },
    });
    return rows;
  } finally {
    await emulators.stop();
  }
};

await printWhenMain(import.meta, run);
