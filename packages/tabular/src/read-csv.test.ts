/** Long: every quirk of a CSV file that is read, in one table of cases after the other. */
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readCsv } from './read-csv.ts';
import type { Cell, ColumnType, Dialect, Field } from './table.ts';
import { typedCell } from './testing/arbitrary-table.ts';
import { csvInput, noTable, readCsvText } from './testing/read-csv-text.ts';
import { cellRules, kindOf, typedValue, typeOfKinds } from './typing.ts';

const semicolons: Dialect = {
  encoding: 'utf-8',
  bom: false,
  mojibake: false,
  delimiter: ';',
  quote: '"',
  newline: '\n',
  header_line: 1,
  decimal: '.',
  thousands: null,
};

const typesOf = (fields: readonly Field[]) => fields.map((field) => field.type);

type Oracle = { types: ColumnType[]; rows: Cell[][]; refused: string[]; blank: number };

/** The same conversion by csv-parse and the rules for single cells, row by row. */
const oracle = (lines: readonly string[], dialect: Dialect, declared: ReadonlyMap<string, Field>): Oracle => {
  const rules = cellRules(dialect);
  const parsed = parse(lines.join(dialect.newline), {
    delimiter: dialect.delimiter,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    cast: (cell, { quoting }) => ({ text: cell, quoted: quoting }) as never,
  }) as unknown as { text: string; quoted: boolean }[][];
  const [header, ...records] = parsed;
  // C7: a record with nothing in it is a blank line.
  const isBlank = (record: (typeof records)[number]) =>
    record.every(({ text, quoted }) => text.trim() === '' && !quoted);
  const data = records.filter((record) => !isBlank(record));
  const written = lines.slice(1).filter((_, index) => !isBlank(records[index]));
  const names = header.map((cell) => cell.text);
  const whole = data.filter((record) => record.length === names.length);
  const types = names.map((name, index) => {
    const field = declared.get(name);
    if (field) return field.type;
    return typeOfKinds(whole.reduce((kinds, record) => kinds | kindOf(record[index].text, rules), 0));
  });
  const refused: Oracle['refused'] = [];
  const rows: Cell[][] = [];
  for (const [index, record] of data.entries()) {
    const cells = record.map(({ text: cell, quoted }, index) => {
      const field = declared.get(names[index]);
      const value =
        cell === '' && !quoted ? null : typedValue(cell, types[index] ?? 'string', rules, field !== undefined);
      return value === null && field?.nullable === false ? undefined : value;
    });
    if (record.length !== names.length || cells.includes(undefined)) refused.push(written[index]);
    else rows.push(cells as Cell[]);
  }
  return { types, rows, refused, blank: records.length - data.length };
};

const flavours: Record<string, fc.Arbitrary<string>> = {
  int: fc.integer({ min: -5000, max: 99_999 }).map(String),
  int32: fc.constantFrom('2147483647', '-2147483648', '2147483648', '1000000000', '0', '-0', '-7'),
  wide: fc.constantFrom(
    '9007199254740991',
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '9223372036854775808',
    '123456789012345',
  ),
  decimal: fc
    .tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 99 }))
    .map(([whole, cents]) => `${whole}.${String(cents).padStart(2, '0')}`),
  comma: fc.constantFrom(
    '26,8',
    '1,234',
    '0,5',
    '1.234,5',
    '12,345,678',
    '1.234',
    '29.6',
    '123456789,123456789',
    '0.1234567890123456',
  ),
  code: fc.constantFrom(
    '00123',
    '007.5',
    '+5',
    '1e5',
    'Infinity',
    '0x10',
    '1.',
    '.5',
    '-',
    '--',
    '1 234',
    ' 12 ',
    '12 345 678',
  ),
  date: fc
    .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  odd_date: fc.constantFrom('2023-02-29', '2024-02-29', '2020-13-01', '2020-1-1', '0000-01-01', '20200101'),
  timestamp: fc.constantFrom(
    '2020-01-01T00:00:00Z',
    '2020-01-01 12:34:56.789',
    '1969-12-31T23:59:59.999Z',
    '2020-06-01T10:00:00+02:00',
    '2020-01-01 25:00:00',
    '2020-01-01T10:00',
    '2020-01-01T00:00:00.1234Z',
  ),
  boolean: fc.constantFrom('true', 'false', 'TRUE', 'False', 'truE'),
  text: fc.string({ unit: fc.constantFrom('a', 'b', 'é', '🍇', '"', ';', '\n', '\r\n', ' ', '1'), maxLength: 6 }),
  missing: fc.constantFrom('', '', 'nd', '*', 'NA', '-', 'null', ' '),
};
const flavour = fc.constantFrom(...Object.keys(flavours));

/** Columns mostly of one kind of cell, with others strewn in; now and then a record of another width. */
const files = fc
  .record({
    columns: fc.array(fc.tuple(flavour, flavour, fc.integer({ min: 0, max: 3 })), { minLength: 2, maxLength: 5 }),
    count: fc.integer({ min: 0, max: 40 }),
  })
  .chain(({ columns, count }) => {
    const cell = ([main, other, share]: (typeof columns)[number]) =>
      fc.tuple(
        fc.oneof(
          { arbitrary: flavours[main], weight: 20 },
          { arbitrary: flavours[other], weight: share },
          { arbitrary: flavours.missing, weight: 1 },
        ),
        fc.boolean(),
      );
    const record = fc.tuple(...columns.map(cell)).map((cells) => cells as [string, boolean][]);
    const ragged = fc
      .array(fc.tuple(flavours.int, fc.boolean()), { minLength: 1, maxLength: 7 })
      .map((cells) => cells as [string, boolean][]);
    return fc.record({
      width: fc.constant(columns.length),
      records: fc.array(fc.oneof({ arbitrary: record, weight: 12 }, { arbitrary: ragged, weight: 1 }), {
        minLength: count,
        maxLength: count,
      }),
      newline: fc.constantFrom('\n' as const, '\r\n' as const),
      lastNewline: fc.boolean(),
      decimal: fc.constantFrom(
        { decimal: '.', thousands: null } as const,
        { decimal: ',', thousands: null } as const,
        { decimal: ',', thousands: '.' } as const,
        { decimal: ',', thousands: ' ' } as const,
      ),
      contract: fc.array(
        fc.tuple(
          fc.nat(columns.length - 1),
          fc.constantFrom<ColumnType>('int32', 'int64', 'double', 'date', 'timestamp', 'boolean', 'string'),
          fc.boolean(),
        ),
        { maxLength: 2 },
      ),
      chunk: fc.constantFrom(1, 7, 64, 1 << 20),
      headBytes: fc.constantFrom(16, 60, 1 << 18),
      batchRows: fc.constantFrom(3, 10_000),
      encoding: fc.constantFrom<Dialect['encoding']>('utf-8', 'utf-16le', 'utf-16be', 'utf-8'),
    });
  })
  // Whether a cell of several lines is one is told by the width of the record before (csv/swallowed-lines.ts).
  .filter(
    ({ records, width }) =>
      !records.some(
        (record, i) => i > 0 && records[i - 1].length !== width && record.some(([text]) => text.includes('\n')),
      ),
  );

const encode = (text: string, encoding: Dialect['encoding']): Buffer => {
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  return encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text);
};

describe('readCsv', () => {
  it('agrees with csv-parse and the rules for single cells, for any types, contracts, chunks, passes and encodings', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        async ({ width, records, newline, lastNewline, decimal, contract, chunk, headBytes, batchRows, encoding }) => {
          const dialect: Dialect = { ...semicolons, ...decimal, newline, encoding };
          const header = Array.from({ length: width }, (_, index) => `c${index}`);
          const quoted = ([text, quote]: [string, boolean]) =>
            quote || /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const lines = [header.join(';'), ...records.map((record) => record.map(quoted).join(';'))].filter(
            (line) => line.trim() !== '' || line === '""',
          );
          const text = lines.join(newline) + (lastNewline ? newline : '');
          const fields = contract.map(([index, type, nullable]): Field => ({ name: `c${index}`, type, nullable }));
          const declared = new Map(fields.map((field) => [field.name, field]));
          const expected = oracle(lines, dialect, declared);
          const ours = await readCsvText(
            encode(text, encoding),
            { dialect, contract: { fields: [...declared.values()] }, headBytes, batchRows },
            chunk,
          );
          expect(typesOf(ours.fields)).toEqual(expected.types);
          const cells = expected.rows.map((row) =>
            row.map((cell, index) =>
              expected.types[index] === 'int64' && typeof cell === 'number' ? BigInt(cell) : cell,
            ),
          );
          expect(ours.rows).toEqual(cells);
          expect(ours.quarantine.map((entry) => entry.raw)).toEqual(expected.refused);
          expect(ours).toMatchObject({
            rows_read: lines.length - 1 - expected.blank,
            published: ours.rows.length,
            quarantined: ours.quarantine.length,
          });
          const published = parse(ours.csv, {
            record_delimiter: '\r\n',
            cast: (cell, { quoting }) => ({ cell, quoting }) as never,
          }) as unknown as { cell: string; quoting: boolean }[][];
          expect(
            published
              .slice(1)
              .map((row) => row.map(({ cell, quoting }, index) => typedCell(cell, quoting, expected.types[index]))),
          ).toEqual(cells);
        },
      ),
      { numRuns: 300 },
    );
  }, 360_000);

  it('widens over all rows and reads twice only when the beginning did not tell', async () => {
    const many = (cell: string, last: string) =>
      `a;b\n${Array.from({ length: 50 }, (_, i) => `${i};${cell}`).join('\n')}\n7;${last}\n`;
    const typed = async (cell: string, last: string) => {
      const { types, passes, rows } = await readCsvText(many(cell, last), { dialect: semicolons, headBytes: 64 });
      return [types[1], passes, rows.at(-1)?.[1]];
    };
    expect(await typed('1', '2')).toEqual(['int32', 1, 2]);
    expect(await typed('1', '2147483648')).toEqual(['int64', 2, 2147483648n]);
    expect(await typed('1', '2.5')).toEqual(['double', 2, 2.5]);
    expect(await typed('1', 'x')).toEqual(['string', 2, 'x']);
    expect(await typed('9007199254740993', '2.5')).toEqual(['string', 2, '2.5']);
    expect(await typed('2.5', '9007199254740993')).toEqual(['string', 2, '9007199254740993']);
    expect(await typed('1', '99999999999999999999')).toEqual(['string', 2, '99999999999999999999']);
    expect(await typed('1', '00123')).toEqual(['string', 2, '00123']);
    expect(await typed('', '3')).toEqual(['int32', 2, 3]);
    expect(await typed('nd', '3')).toEqual(['int32', 2, 3]);
    expect(await typed('nd', 'nd')).toEqual(['string', 2, 'nd']);
    expect(await typed('""', '')).toEqual(['string', 2, null]);
    expect(await typed('2020-01-01', '2020-01-01 10:00:00')).toEqual(['timestamp', 2, '2020-01-01T10:00:00.000Z']);
    expect(await typed('true', '1')).toEqual(['string', 2, '1']);
    // Whether a cell is a date does not depend on whether the beginning has one.
    expect(await typed('1970-01-01', '0999-01-01')).toEqual(['date', 1, '0999-01-01']);
    expect(await typed('0999-01-01', '1970-01-01')).toEqual(['date', 1, '1970-01-01']);
    expect(await typed('1970-01-01', '0000-01-01')).toEqual(['date', 1, '0000-01-01']);
  });

  it('quarantines rows that break the contract and ragged rows, each with its line, column, text and reason', async () => {
    const contract = {
      fields: [
        { name: 'ano', type: 'int32', nullable: false },
        { name: 'litros', type: 'double', nullable: true },
      ] as Field[],
    };
    const text =
      'Ano;Produto;Litros\n1970;"Tinto\nseco";10,5\n;Branco;2\n\n1972;Rosado;muito\n1973;Verde\n1974;Suco;nd\n';
    const { rows, quarantine, ...converted } = await readCsvText(text, { contract });
    expect(converted).toMatchObject({
      rows_read: 5,
      published: 2,
      quarantined: 3,
      header: ['Ano', 'Produto', 'Litros'],
    });
    expect(rows).toEqual([
      [1970, 'Tinto\nseco', 10.5],
      [1974, 'Suco', null],
    ]);
    expect(quarantine).toEqual([
      {
        line: 4,
        column: 'Ano',
        positions: [],
        raw: ';Branco;2',
        reason: 'ano has no value, and must have one',
        rows: 1,
      },
      {
        line: 6,
        column: 'Litros',
        positions: [],
        raw: '1972;Rosado;muito',
        reason: '"muito" is not of the type double of litros',
        rows: 1,
      },
      {
        line: 7,
        column: null,
        positions: [],
        raw: '1973;Verde',
        reason: '2 cells where the table has 3 cells',
        rows: 1,
      },
    ]);
  });

  it('tells of each quarantined row once, also when it reads twice', async () => {
    const rows = Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? `${i};1;9` : `${i};${i < 50 ? i : 'text'}`));
    const { quarantine, ...converted } = await readCsvText(
      `a;b\n${rows.join('\n')}\n`,
      { dialect: semicolons, headBytes: 50, batchRows: 4 },
      16,
    );
    expect(converted).toMatchObject({ passes: 2, quarantined: 12, published: 48, rows_read: 60 });
    expect(quarantine.map((entry) => entry.line)).toEqual(Array.from({ length: 12 }, (_, i) => i * 5 + 2));
  });

  it('gives the same files however the input is cut into chunks', async () => {
    const text = `id;name;x\n${Array.from({ length: 3000 }, (_, i) => `${i};n${i % 9};${i / 4}`).join('\n')}\n`;
    const [one, two] = await Promise.all([
      readCsvText(text, { batchRows: 700 }),
      readCsvText(text, { batchRows: 700 }, 999),
    ]);
    expect(Buffer.compare(one.parquet, two.parquet)).toBe(0);
    expect(Buffer.compare(one.csv, two.csv)).toBe(0);
  });

  it('reads decimals of both kinds in one column, and leaves what might be thousands as text', async () => {
    expect((await readCsvText('a;b\nx;"26,8"\ny;29.6\n')).rows.map((row) => row[1])).toEqual([26.8, 29.6]);
    expect((await readCsvText('a;b\nx;26,8\nz;27,5\nv;3,5\nw;29.6\ny;1.234\n')).rows.map((row) => row[1])).toEqual([
      '26,8',
      '27,5',
      '3,5',
      '29.6',
      '1.234',
    ]);
  });

  it('reads bytes that are not UTF-8 past the beginning as windows-1252', async () => {
    const head = `a;b\n${'1;São\n'.repeat(30_000)}`;
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0x32, 0x3b, 0x50, 0xe3, 0x6f, 0x0a])]);
    const { rows, ...converted } = await readCsvText(bytes, {}, 4096);
    expect(converted.dialect.encoding).toBe('utf-8');
    expect([rows[0][1], rows.at(-1)?.[1], rows.length]).toEqual(['São', 'Pão', 30_001]);
  });

  it('reads every encoding and line end that it can sniff to the same table', async () => {
    const text = 'País;Produção\nÁfrica do Sul;1,5\nItália;2\n';
    const latin1 = Buffer.from(text, 'latin1');
    const twice = Buffer.from(Buffer.from(text).toString('latin1'));
    const files = [
      Buffer.from(text),
      latin1,
      twice,
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
    ];
    files.push(
      Buffer.from(text.replaceAll('\n', '\r\n')),
      Buffer.from(text.replaceAll('\n', '\r')),
      Buffer.from(text.replaceAll(';', '\t')),
    );
    for (const file of files) {
      for (const chunk of [1, 5, 1 << 20]) {
        const { rows, ...converted } = await readCsvText(file, {}, chunk);
        expect(converted.header).toEqual(['País', 'Produção']);
        expect(rows).toEqual([
          ['África do Sul', 1.5],
          ['Itália', 2],
        ]);
      }
    }
  });

  it('looks at every row and keeps the names of the header as titles', async () => {
    const text = `Código;Ano\n${'001;1970\n'.repeat(100_000)}002;mil\n`;
    expect((await readCsvText(text)).fields).toEqual([
      { name: 'codigo', type: 'string', nullable: true, title: 'Código' },
      { name: 'ano', type: 'string', nullable: true, title: 'Ano' },
    ]);
  });

  it('says of each row its line and the day, and renames columns that have these names', async () => {
    const text = 'Line;ano\n7;1970\nx;many\n"8\n9";1971\n10;1972\n';
    const contract = { fields: [{ name: 'ano', type: 'int32', nullable: false }] as Field[] };
    const { names, rows, fields } = await readCsvText(text, {
      contract,
      provenance: { processing_date: '2026-11-20' },
    });
    expect(names).toEqual(['line_2', 'ano', 'line', 'processing_date']);
    expect(fields[0].title).toBe('Line');
    expect(rows).toEqual([
      ['7', 1970, 2, '2026-11-20'],
      ['8\n9', 1971, 4, '2026-11-20'],
      ['10', 1972, 6, '2026-11-20'],
    ]);
  });

  it('believes what is declared of the dialect and looks for the rest', async () => {
    const text = Buffer.from('País;x\nMéxico;1.234\nPerú;2.000\n', 'latin1');
    expect((await readCsvText(text)).types).toEqual(['string', 'string']);
    const { rows, dialect } = await readCsvText(text, { dialect: { decimal: ',', thousands: '.' } });
    expect(rows).toEqual([
      ['México', 1234],
      ['Perú', 2000],
    ]);
    expect(dialect).toMatchObject({ encoding: 'windows-1252', delimiter: ';', decimal: ',', uncertain: [] });
    expect((await readCsvText(text, { dialect: { decimal: '.' } })).rows[0]).toEqual(['México', 1.234]);
  });

  it('refuses a first line of more cells than a table has, without reading them all', async () => {
    const wide = 'a;'.repeat(10_001);
    for (const text of [`${wide}\n`, wide, 'a;'.repeat(2 ** 20)])
      await expect(readCsvText(text)).rejects.toThrow('its first line has more than 10000 cells');
  });

  it('ends a batch of long texts before it has all its rows', async () => {
    const batches: number[] = [];
    const note = 'x'.repeat(100_000);
    const text = `id;note\n${Array.from({ length: 400 }, (_, id) => `${id};${id}${note}\n`).join('')}`;
    await readCsv(csvInput(text), {}, { ...noTable, rows: ({ rows }) => void batches.push(rows) });
    expect(Math.max(...batches)).toBeLessThan(200);
    expect(batches.reduce((sum, rows) => sum + rows, 0)).toBe(400);
  });

  it('names columns of a file without header by their position', async () => {
    const { table } = await readCsvText('1;VINHO DE MESA;217208604\n2;vm_Tinto;174224052\n');
    expect(table.fields.map(({ name, type }) => [name, type])).toEqual([
      ['column_1', 'int32'],
      ['column_2', 'string'],
      ['column_3', 'int32'],
    ]);
  });

  it('says why when there is nothing to convert, or a column of the contract is not there', async () => {
    await expect(readCsvText('')).rejects.toThrow('the file has no rows');
    await expect(
      readCsvText('a;b\n1;2\n', { contract: { fields: [{ name: 'ano', type: 'int32', nullable: true }] } }),
    ).rejects.toThrow('the file has no column ano; it has a, b');
  });

  it('publishes a table without rows when there is only a header', async () => {
    const { csv, ...converted } = await readCsvText('a;b\n', { dialect: semicolons });
    expect(converted).toMatchObject({ rows_read: 0, published: 0 });
    expect(csv.toString()).toBe('a,b\r\n');
  });
});
