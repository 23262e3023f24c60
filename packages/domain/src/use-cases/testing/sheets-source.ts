import type { Dialect } from '@granary/tabular/table';
import { createTableBuilder } from '@granary/tabular/table-builder';
import * as z from 'zod/mini';
import { RefusedContent } from '../../errors.ts';
import { defineKind, withKind } from '../../kind.ts';
import { type FoundTable, MoreTables } from '../../reading.ts';
import { figures } from './figures-source.ts';

const fields = [
  { name: 'year', type: 'int32', nullable: false },
  { name: 'quantity', type: 'double', nullable: true },
] as const;
const DIALECT: Dialect = {
  ...{ encoding: 'utf-8', bom: false, mojibake: false, delimiter: ';', quote: null, newline: '\n' },
  ...{ header_line: null, decimal: '.', thousands: null },
};

const tableOf = (section: string): FoundTable => {
  const [name = '', ...lines] = section.split('\n').filter((line) => line !== '');
  return {
    name,
    title: `Sheet ${name}`,
    async read(_options, out) {
      if (lines[0] === '!') throw new RefusedContent('It is encrypted.');
      if (lines[0] === '+') throw new MoreTables('Another one begins below.');
      out.begin(fields);
      const builder = createTableBuilder({ fields, key: [] }, { emit: out.rows });
      for (const line of lines) builder.append(line.split(';').map(Number));
      builder.end();
      return { dialect: DIALECT, header: ['year', 'quantity'], notes: [] };
    },
  };
};

/**
 * For tests: sheets parted by `#`, each with its name, then lines `year;quantity`. A sheet of `!` cannot be read; one
 * of `+` says that it is not the only one, and is as if it were not there when it is looked for thoroughly.
 */
export const sheets = withKind(
  defineKind({
    kind: 'sheets',
    config: z.strictObject({}),
    parser_version: 1,
    accept: 'text/plain',
    infers: true,
    discover: (_, base_url) => [{ dataset: 'test_book', url: `${base_url}book.txt`, hints: {} }],
    async tables(_source, _resource, file, thorough) {
      const sections = Buffer.from(file.read(0, file.bytes)).toString().split('#').slice(1);
      if (sections.length === 0) throw new RefusedContent('The file is no book of sheets.');
      return sections.map(tableOf).filter(({ name }) => !(thorough && name === 'more'));
    },
  }),
  {
    ...figures,
    kind: 'sheets',
    config: {},
    datasets: [{ id: 'test_book', title: 'Book', description: 'Sheets.', fields: [], key: [] }],
  },
);
