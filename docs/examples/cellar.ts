import { RefusedContent } from '@granary/domain/errors';
import { defineSource } from '@granary/domain/source';
import { sniffDialect } from '@granary/tabular/csv/dialect';
import { createTokenizer } from '@granary/tabular/csv/tokenizer';
import { isMissing, parseNumber } from '@granary/tabular/numbers';
import type { Field } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';

const fields: readonly Field[] = [
  { name: 'cellar', type: 'string', nullable: false },
  { name: 'litres', type: 'double', nullable: true, unit: 'L' },
  { name: 'line', type: 'int32', nullable: false },
  { name: 'processing_date', type: 'date', nullable: false },
];
const key = ['cellar'];

/** One file with a header: `cellar;litres`. */
export const cellar = defineSource({
  id: 'cellar',
  title: 'Cellar statistics',
  publisher: 'An office',
  theme: 'agriculture',
  tags: ['wine'],
  licence: { name: 'CC-BY-4.0', title: 'Creative Commons Attribution 4.0' },
  schedule: 'rate(1 day)',
  base_url: 'https://cellar.example/files/',
  base_url_variable: 'GRANARY_CELLAR_URL',
  parser_version: 1,
  requests_per_minute: 60,
  max_bytes: 2 ** 20,
  datasets: [{ id: 'cellar_stock', title: 'Stock', description: 'Litres in stock, by cellar.', fields, key }],
  discover: ({ base_url }) => [{ dataset: 'cellar_stock', url: new URL('stock.csv', base_url).href, hints: {} }],
  async read(_resource, file, { processing_date }, out) {
    const bytes = file.read(0, file.bytes);
    const dialect = sniffDialect(bytes);
    if (dialect.header_line === null) throw new RefusedContent('The file has no header.');
    const [unsure] = (dialect.uncertain ?? []).filter(({ about }) => about !== 'header');
    if (unsure) throw new RefusedContent(`It may be read as ${unsure.readings.join(' or ')}. ${unsure.decide}`);
    let header: string[] = [];
    out.begin(fields);
    const rows = createTableBuilder({ fields, key }, { emit: out.rows });
    const tokenizer = createTokenizer(dialect, ({ line, fields: cells, raw }) => {
      if (header.length === 0) header = cells;
      else if (cells.length !== header.length) {
        const reason = `${cells.length} cells where the header has ${header.length}`;
        out.quarantine({ line, column: null, positions: [], raw, reason, rows: 1 });
      } else {
        const litres = isMissing(cells[1]) ? null : parseNumber(cells[1], dialect);
        const reason = `"${cells[1]}" is no figure`;
        if (litres !== undefined) rows.append([cells[0], litres, line, processing_date]);
        else out.quarantine({ line, column: 'litres', positions: [1, 2], raw, reason, rows: 1 });
      }
    });
    tokenizer.push(bytes);
    tokenizer.end();
    rows.end();
    return { dialect, header, notes: [] };
  },
});
