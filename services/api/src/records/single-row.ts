import type { OpenTable } from '@granary/tabular/query/open-table';
import type { Query } from '@granary/tabular/query/query';
import { countRows, runQuery } from '@granary/tabular/query/run-query';
import { jsonOf } from '@granary/tabular/query/write-rows';
import type { Batch } from '@granary/tabular/table';
import { rowsOfPage } from './records-page.ts';
import { refusal } from './refusals.ts';

/**
 * The one row of an answer as a JSON object, without its nulls when they are stripped. Throws UnfitQuery (406,
 * PGRST116) for none or several.
 */
export const singleRow = async (table: OpenTable, query: Query, stripped: boolean): Promise<string> => {
  const { fields, batches } = runQuery(table, { ...query, limit: Math.min(query.limit ?? 2, 2) });
  const read: Batch[] = [];
  for await (const batch of batches) if (batch.rows > 0) read.push(batch);
  if (read.length !== 1 || read[0].rows !== 1) {
    const rows = rowsOfPage(query, await countRows(table, query));
    throw refusal(406, {
      code: 'PGRST116',
      message: 'JSON object requested, multiple (or no) rows returned',
      details: `The result contains ${rows} rows`,
      hint: null,
    });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of jsonOf(fields, once(read[0]), { stripped })) chunks.push(chunk);
  return Buffer.concat(chunks).toString().slice(1, -1);
};

async function* once(batch: Batch): AsyncGenerator<Batch> {
  yield batch;
}
