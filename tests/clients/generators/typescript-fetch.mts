/** Calls by the client that openapi-generator makes for fetch. */
import { CatalogApi, Configuration, DataApi, HistoryApi, RecordsApi, ResponseError } from './client/index';

declare const process: { env: Record<string, string> };
const { GRANARY, TOKEN } = process.env;
const configuration = new Configuration({ basePath: GRANARY, accessToken: TOKEN });
const right = (holds: boolean, what: string, found: unknown): void => {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(found)}`);
};

const catalog = new CatalogApi(configuration);
const { items } = await catalog.listDatasets({ limit: 100 });
right(items.length === 15 && items[0].fields[0].name !== '', 'datasets', items);
const { dialect } = await catalog.getVersion({ id: 'embrapa_producao', n: 1 });
right(dialect.delimiter === ';' && ['\n', '\r\n'].includes(dialect.newline), 'the dialect', dialect);
const data = new DataApi(configuration);
const sections = await data.getProducao();
right(Number(sections['VINHO DE MESA'][0]['1970']) > 0, 'a section', sections['VINHO DE MESA'][0]);
const rows = await new RecordsApi(configuration).getRecords({
  id: 'embrapa_producao',
  select: 'year,quantity',
  and: '(year.gte.1971,year.lt.1973,is_total.is.true)',
});
right(rows.length > 1 && rows.every(({ year }) => year === 1971 || year === 1972), 'rows', rows);
const diff = await new HistoryApi(configuration).getDiff({ id: 'embrapa_producao' });
right(['add', 'change', 'remove'].includes(diff.items[0].op), 'a change', diff.items[0]);
const file = await data.downloadDataset({ id: 'embrapa_producao', redirect: false });
right(file.location.startsWith('http') && Number(file.bytes) > 0, 'a file', file);
const refused = await catalog.getDataset({ id: 'nothing' }).catch((error: unknown) => error);
right(refused instanceof ResponseError && refused.response.status === 404, 'a refusal', refused);
