import { setTimeout as sleep } from 'node:timers/promises';

type Asked = { get(path: string): Promise<Response> };

/** What readers ask for, in turn: a route of every function that readers have. */
export const READERS_PATHS = [
  '/v1/datasets?limit=20',
  '/v1/datasets/embrapa_producao',
  '/v1/datasets/embrapa_producao/versions',
  '/v1/records/embrapa_producao?year=gte.2000&order=year.desc&limit=100',
  '/v1/records/embrapa_imp_vinhos?select=year,quantity_kg.sum()&order=year',
  '/v1/plots/embrapa_producao',
  '/v1/datasets/embrapa_producao/versions/1',
  '/v1/users?limit=50',
  '/v1/runs?limit=10',
  '/producaoCSV',
  '/health',
  '/openapi.json',
] as const;

export type Reading = {
  answers: number;
  /** 429 with Retry-After, which readers obey. */
  throttled: number;
  /** `path → status: body`, the first few. */
  failed: string[];
  stop(): Promise<void>;
};

/**
 * Starts so many readers, who ask one thing after the other until they are stopped. `isExpected`: failures that are no
 * fault of the stack's.
 */
export const startReaders = (
  stack: Asked,
  options: { count: number; paths?: readonly string[]; isExpected?: (status: number, path: string) => boolean },
): Reading => {
  const { count, paths = READERS_PATHS, isExpected = () => false } = options;
  let stopped = false;
  const read = async (reader: number): Promise<void> => {
    for (let n = reader; !stopped; n++) {
      const path = paths[n % paths.length]!;
      try {
        const answer = await stack.get(path);
        const text = await answer.text();
        if (answer.status === 429) {
          reading.throttled += 1;
          await sleep(1000 * Number(answer.headers.get('retry-after') ?? 1));
        } else if (answer.ok) reading.answers += 1;
        else if (!isExpected(answer.status, path)) fail(`${path} → ${answer.status}: ${text.slice(0, 200)}`);
      } catch (error) {
        // Nobody listens, as while the stack is started again.
        if (!isExpected(0, path)) fail(`${path} → ${(error as Error).message}`);
        await sleep(200);
      }
    }
  };
  const fail = (what: string) => {
    if (reading.failed.length < 20) reading.failed.push(what);
  };
  const reading: Reading = {
    answers: 0,
    throttled: 0,
    failed: [],
    async stop() {
      stopped = true;
      await running;
    },
  };
  const running = Promise.all(Array.from({ length: count }, (_, reader) => read(reader)));
  return reading;
};
