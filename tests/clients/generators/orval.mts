/** Calls by the client that orval makes for fetch. */
import { downloadDataset, getDataset, getDiff, getProducao, getRecords, getVersion, listDatasets } from './client';

declare const process: { env: Record<string, string> };
const options = { headers: { Authorization: `Bearer ${process.env.TOKEN}` } };
const right = (holds: boolean, what: string, found: unknown): void => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(found)}`);
};

const datasets = await listDatasets({ limit: 100 }, options);
right(datasets.status === 200 && datasets.data.items.length === 15, 'datasets', datasets);
const version = await getVersion('embrapa_producao', 1, options);
right(version.status === 200 && version.data.dialect.delimiter === ';', 'a version', version);
const table = await getProducao({}, options);
right(table.status === 200 && Number(table.data['VINHO DE MESA'][0]['1970']) > 0, 'a table', table);
// Since it may be NDJSON, it is handed over as a stream.
const records = await getRecords(
  'embrapa_producao',
  { select: 'year,quantity', and: '(year.gte.1971,year.lt.1973,is_total.is.true)' },
  options,
);
if (!('stream' in records)) throw new Error(`rows: ${records.status}`);
const rows = (await (records.stream as unknown as Response).json()) as { year: number }[];
right(rows.length > 1 && rows.every(({ year }) => year === 1971 || year === 1972), 'rows', rows);
const diff = await getDiff('embrapa_producao', {}, options);
right(diff.status === 200, 'a diff', diff.status);
const file = await downloadDataset('embrapa_producao', { redirect: false }, options);
right(file.status === 200 && file.data.location.startsWith('http'), 'a file', file);
const refused = await getDataset('nothing', options);
right(refused.status === 404 && refused.data.detail.includes('nothing'), 'a refusal', refused);
