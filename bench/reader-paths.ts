/** What a reader asks in turn: a page of records, a group-by, the catalog, a wide table. */
export const READER_PATHS = [
  '/v1/records/embrapa_producao?year=gte.2000&order=year.desc&limit=100',
  '/v1/records/embrapa_imp_vinhos?select=year,quantity_kg.sum()&order=year',
  '/v1/datasets?limit=20',
  '/producaoCSV',
];
