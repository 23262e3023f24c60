import { eventually, type Stack } from './stack.ts';

export type RunAnswer = {
  id: string;
  kind: string;
  source: string;
  state: 'running' | 'succeeded' | 'partial' | 'failed';
  started_at: string;
  counts: Record<
    'requests' | 'rows_read' | 'rows_published' | 'rows_quarantined' | 'rows_deduplicated' | 'unchanged' | 'errors',
    number
  >;
  versions: string[];
  errors: { message: string; dataset: string | null }[];
};

/** Invokes the plan function as an operator would: everything is due. */
export const planNow = async (stack: Stack): Promise<void> => {
  await stack.invoke('plan', { force: true });
};

/**
 * Tells the replica what to publish and what to do wrong from now on: `vintage`, `faults`, `rate_limit`
 * (docs/local.md).
 */
export const setReplica = (stack: Stack, change: object): Promise<void> => stack.setReplica(change);

/** Runs that collect files, newest first: fetches of users are runs as well. */
export const listRuns = async (stack: Stack): Promise<RunAnswer[]> => (await stack.json('/v1/runs?kind=collect')).items;

/**
 * The newest collection, or that of a source, once it has ended; with `after`, one that started later than that run.
 */
export const endedRun = async (stack: Stack, after?: RunAnswer, source?: string): Promise<RunAnswer> =>
  (await eventually(
    async () => (await listRuns(stack)).find((run) => source === undefined || run.source === source),
    (run) => run !== undefined && run.state !== 'running' && run.id !== after?.id,
    240_000,
  )) as RunAnswer;

/** That run once it has ended. */
export const endOfRun = <Run extends { state: string } = RunAnswer>(
  stack: Stack,
  id: string,
  timeout_ms = 240_000,
): Promise<Run> =>
  eventually(
    () => stack.json<Run>(`/v1/runs/${id}`),
    (run) => run.state !== 'running',
    timeout_ms,
  );

export const expectBalanced = ({ counts }: RunAnswer): void => {
  const sum = counts.rows_published + counts.rows_quarantined + counts.rows_deduplicated;
  if (counts.rows_read !== sum)
    throw new Error(`rows_read ${counts.rows_read} ≠ published + quarantined + deduplicated ${sum}`);
};

/** Follows the 303 of …/download to the object, as a client does: without the token. */
export const download = async (stack: Stack, dataset: string, query: string): Promise<Uint8Array> => {
  const answer = await stack.get(`/v1/datasets/${dataset}/download?${query}`);
  if (answer.status !== 303) throw new Error(`download → ${answer.status}: ${await answer.text()}`);
  const object = await fetch(answer.headers.get('location') as string);
  if (!object.ok) throw new Error(`the object → ${object.status}: ${await object.text()}`);
  return new Uint8Array(await object.arrayBuffer());
};

export const EMBRAPA_DATASETS = [
  'embrapa_comercio',
  'embrapa_exp_espumantes',
  'embrapa_exp_suco',
  'embrapa_exp_uva',
  'embrapa_exp_vinho',
  'embrapa_imp_espumantes',
  'embrapa_imp_frescas',
  'embrapa_imp_passas',
  'embrapa_imp_suco',
  'embrapa_imp_vinhos',
  'embrapa_processa_americanas',
  'embrapa_processa_mesa',
  'embrapa_processa_semclass',
  'embrapa_processa_viniferas',
  'embrapa_producao',
];

export const EMBRAPA_FILES = [
  'Comercio',
  'ExpEspumantes',
  'ExpSuco',
  'ExpUva',
  'ExpVinho',
  'ImpEspumantes',
  'ImpFrescas',
  'ImpPassas',
  'ImpSuco',
  'ImpVinhos',
  'ProcessaAmericanas',
  'ProcessaMesa',
  'ProcessaSemclass',
  'ProcessaViniferas',
  'Producao',
];
