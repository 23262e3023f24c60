import { RefusedContent } from '@granary/domain/errors';
import { defineKind } from '@granary/domain/kind';
import { onlyTable } from '@granary/domain/reading';
import { sniffDialect } from '@granary/tabular/csv/dialect';
import { createTokenizer } from '@granary/tabular/csv/tokenizer';
import { isMissing, parseNumber } from '@granary/tabular/numbers';
import { createTableBuilder } from '@granary/tabular/table-builder';
import * as z from 'zod/mini';

/** One file with a header: `cellar;litres`. */
export const kind = defineKind({
  kind: 'cellar',
  config: z.strictObject({ file: z.string() }),
  parser_version: 1,
  accept: 'text/csv',
  discover: ({ config, datasets }, base_url) => [
    { dataset: datasets[0].id, url: new URL(config.file, base_url).href, hints: {} },
  ],
  tables: async ({ datasets: [{ fields, key }] }, _resource, file) =>
    onlyTable(async ({ processing_date }, out) => {
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
    }),
});
