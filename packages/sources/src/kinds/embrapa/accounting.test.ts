import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedContent } from '@granary/domain/errors';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { type Edition, embrapaTable } from '@granary/replica/embrapa/file';
import { EMBRAPA_FILES } from '@granary/replica/embrapa/file-layouts';
import { decodeWindows1252 } from '@granary/tabular/csv/windows-1252';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Reading, RowObject } from '../../testing/read-all.ts';
import { embrapa } from '../../testing/shipped.ts';
import { readBytes } from './testing/read-bytes.ts';

/** What a figure cell truly says: a number, a marker for missing, or nothing that may be published. */
type Truth = number | { marker: string } | 'never';
type Line = { line: number; name: string; section: string | null; figures: Truth[]; spoilt: boolean };
type Expected = { trade: boolean; years: readonly number[]; leading: number; lines: Line[]; repeated: boolean };

const datasetOf = (file: string): string =>
  embrapa.discover({ base_url: embrapa.base_url }).find(({ hints }) => hints.file === file)!.dataset;

/** A vintage is on the site a year later, and read the year after. */
const readIn = (vintage: number) => ({ processing_date: `${vintage + 2}-06-01` });

const truthOf = (cell: string): Truth => {
  const text = cell.trim();
  if (/^\d+(,\d+)?$/.test(text)) return Number(text.replace(',', '.'));
  return ['nd', '*', '+', '-', ''].includes(text) ? { marker: text || 'blank' } : 'never';
};
const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

/** Sections of the generated and of the real files, told apart in another way than the parser does: by a list. */
const SECTION =
  /^(VINHO .*|SUCO|SUCO DE UVAS.*|DERIVADOS|ESPUMANTES|OUTROS PRODUTOS COMERCIALIZADOS|TINTAS|BRANCAS( E ROSADAS)?)$/;

const expectedLines = (rows: readonly (readonly string[])[], leading: number, from: number): Line[] => {
  let section: string | null = null;
  return rows.map((cells, i) => {
    const name = spaced(cells[leading - 1]);
    if (SECTION.test(name)) section = name;
    return { line: from + i, name, section, figures: cells.slice(leading).map(truthOf), spoilt: false };
  });
};

/** Every cell is in a published row that says what it says, or in quarantine, and never in both. */
const account = (reading: Reading, expected: Expected): string[] => {
  const { years, trade, leading } = expected;
  const wrong: string[] = [];
  const published = new Map<string, RowObject>();
  for (const row of reading.rows) {
    const key = `${row.line}/${row.year}`;
    if (published.has(key)) wrong.push(`${key} is published twice`);
    published.set(key, row);
  }
  const kept = new Set<string>();
  for (const { line, positions } of reading.quarantine)
    for (const position of positions.length > 0 ? positions : years.map((_, i) => leading + i + 1))
      kept.add(`${line}:${position}`);
  const touched = new Set<RowObject>();
  for (const { line, name, section, figures, spoilt } of expected.lines) {
    const seen = new Map<number, number>();
    for (const [i, year] of years.entries()) {
      const nth = (seen.get(year) ?? 0) + 1;
      seen.set(year, nth);
      const row = published.get(`${line}/${year}`);
      const quarantined = kept.has(`${line}:${leading + i + 1}`);
      const place = `line ${line}, cell ${leading + i + 1} (${year})`;
      if ((row !== undefined) === quarantined)
        wrong.push(`${place} is ${row ? 'published and quarantined' : 'nowhere'}`);
      if (!row) continue;
      touched.add(row);
      const field = trade ? (nth === 1 ? 'quantity_kg' : 'value_usd') : 'quantity';
      const truth = figures[i];
      if (spoilt || truth === 'never') wrong.push(`${place} is published though it is no figure`);
      else if (typeof truth === 'number' ? row[field] !== truth : row[field] !== null)
        wrong.push(`${place} is ${row[field]}`);
      else if (typeof truth === 'object') {
        const note = trade ? `${field}: ${truth.marker}` : truth.marker;
        if (!String(row.note).split('; ').includes(note)) wrong.push(`${place} lost its marker ${note}: ${row.note}`);
      }
      if (row[trade ? 'country' : 'product'] !== name) wrong.push(`${place} is named ${row.product ?? row.country}`);
      if (!trade && row.section !== section) wrong.push(`${place} stands in ${row.section}, not in ${section}`);
    }
  }
  if (touched.size !== reading.rows.length) wrong.push(`${reading.rows.length - touched.size} rows come from nowhere`);
  const read = reading.rows.length + reading.quarantine.reduce((sum, { rows }) => sum + rows, 0);
  const rows = expected.lines.length * new Set(years).size;
  if (!expected.repeated && read !== rows) wrong.push(`${read} rows were read of ${rows}`);
  return wrong;
};

describe('each cell of a file is accounted for', () => {
  const vintages = [2021, 2022, 2023, 2024, 2025, 2031].flatMap((vintage) =>
    EMBRAPA_FILES.map((file) => ({ vintage, file })),
  );

  it('in every file of every vintage of the replica', () => {
    for (const { vintage, file } of vintages) {
      const { layout, rows } = embrapaTable(file.name, { seed: 'granary', vintage });
      const head = layout.header === null ? 0 : 1;
      const text = rows.map((cells) => `${cells.join(layout.delimiter)}\n`).join('');
      const reading = readBytes(datasetOf(file.name), Buffer.from(text), readIn(vintage));
      const leading = layout.control ? 3 : 2;
      const lines = expectedLines(rows.slice(head), leading, head + 1);
      const trade = file.kind === 'trade';
      expect(account(reading, { trade, years: layout.years, leading, lines, repeated: false })).toEqual([]);
      const broken = file.name === 'ImpSuco' && vintage === 2022;
      expect(reading.quarantine).toHaveLength(broken ? 29 : 0);
      if (broken) expect(new Set(reading.quarantine.map(({ column }) => column))).toEqual(new Set(['2021']));
    }
  });

  describeWith(samples('data/embrapa'), 'in the real file', (folder) => {
    it.each(EMBRAPA_FILES.map(({ name }) => name))('%s', (name) => {
      const bytes = readFileSync(join(folder, `${name}.csv`));
      const lines = bytes.toString().trimEnd().split('\n');
      const delimiter = lines[0].includes('\t') ? '\t' : ';';
      const [header, ...rows] = lines.map((line) => line.split(delimiter));
      const leading = header.findIndex((cell) => /^\d{4}$/.test(cell));
      const years = header.slice(leading).map(Number);
      const expected = {
        trade: /^(Imp|Exp)/.test(name),
        years,
        leading,
        lines: expectedLines(rows, leading, 2),
        repeated: false,
      };
      const reading = readBytes(datasetOf(name), bytes);
      expect(account(reading, expected)).toEqual([]);
      expect(reading.quarantine).toEqual([]);
      expect(reading.report.header).toEqual(header);
    });
  });
});

type Damage = Edition & {
  file: string;
  delimiter: string;
  eol: string;
  encoding: 'utf-8' | 'bom' | 'latin1' | 'mojibake';
  header: boolean;
  quotes: 'needed' | 'all' | 'not in names';
  blanks: { before: number; cells: boolean }[];
  ragged: { row: number; at: number; add: boolean }[];
  thousands: { mark: string; every: number } | null;
  texts: { row: number; at: number; text: string }[];
};

const damages: fc.Arbitrary<Damage> = fc.record({
  file: fc.constantFrom('ProcessaMesa', 'ProcessaAmericanas', 'Comercio', 'ImpFrescas', 'ImpSuco'),
  seed: fc.nat(9).map(String),
  vintage: fc.integer({ min: 2021, max: 2024 }),
  delimiter: fc.constantFrom(';', '\t', ',', '|'),
  eol: fc.constantFrom('\n', '\r\n'),
  encoding: fc.constantFrom('utf-8', 'bom', 'latin1', 'mojibake'),
  header: fc.boolean(),
  quotes: fc.constantFrom('needed', 'all', 'not in names'),
  blanks: fc.array(fc.record({ before: fc.nat(70), cells: fc.boolean() }), { maxLength: 4 }),
  ragged: fc.array(fc.record({ row: fc.nat(70), at: fc.nat(50), add: fc.boolean() }), { maxLength: 3 }),
  thousands: fc.option(fc.record({ mark: fc.constantFrom('.', ',', ' '), every: fc.integer({ min: 1, max: 9 }) })),
  texts: fc.array(
    fc.record({ row: fc.nat(70), at: fc.nat(50), text: fc.constantFrom('abc', '12 kg', '-7', '1.2.3', 'a revisar') }),
    { maxLength: 3 },
  ),
});

const encoded = (text: string, encoding: Damage['encoding']): Buffer => {
  const bytes = Buffer.from(text);
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  if (encoding === 'mojibake') return Buffer.from(decodeWindows1252(bytes));
  return encoding === 'bom' ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
};

/** Damages a generated file, and knows what is left of the truth. */
const damaged = (damage: Damage): { bytes: Buffer; expected: Expected } => {
  const table = embrapaTable(damage.file, damage);
  const head = table.layout.header === null ? 0 : 1;
  const leading = table.layout.control ? 3 : 2;
  const rows = table.rows.slice(head).map((cells) => [...cells]);
  for (const { row, at, text } of damage.texts) if (rows[row]) rows[row][leading + at] = text;
  const lines = expectedLines(rows, leading, 1);
  const { thousands } = damage;
  if (thousands)
    for (const [row, cells] of rows.entries())
      for (let i = leading; i < cells.length; i++)
        if ((row + i) % thousands.every === 0 && /^\d{4,}$/.test(cells[i]))
          cells[i] = cells[i].replace(/\B(?=(\d{3})+$)/g, thousands.mark);
  for (const { row, at, add } of damage.ragged) {
    if (!rows[row] || lines[row].spoilt) continue;
    rows[row].splice(leading + at, add ? 0 : 1, ...(add ? ['5'] : []));
    lines[row].spoilt = true;
  }
  const written = (cells: readonly string[], isHeader: boolean): string =>
    cells
      .map((cell, i) => {
        const name = i < leading && !isHeader;
        const needed = cell.includes(damage.delimiter) && !(name && damage.quotes === 'not in names');
        return needed || damage.quotes === 'all' ? `"${cell}"` : cell;
      })
      .join(damage.delimiter);
  const text: string[] = [];
  if (head === 1 && damage.header) text.push(written(table.rows[0], true));
  for (const [row, cells] of rows.entries()) {
    for (const blank of damage.blanks)
      if (blank.before === row)
        text.push(
          blank.cells
            ? written(
                cells.map(() => ''),
                true,
              )
            : '',
        );
    if (damage.quotes === 'not in names' && cells.slice(0, leading).some((cell) => cell.includes(damage.delimiter)))
      lines[row].spoilt = true;
    text.push(written(cells, false));
    lines[row].line = text.length;
  }
  const trade = damage.file.startsWith('Imp');
  return {
    bytes: encoded(text.map((line) => line + damage.eol).join(''), damage.encoding),
    expected: { trade, years: table.layout.years, leading, lines, repeated: false },
  };
};

describe('whatever happened to a file', () => {
  it('each cell is published as it was or in quarantine, and nothing else is published', () => {
    fc.assert(
      fc.property(damages, (damage) => {
        // Without its header the year that is there four times cannot be seen any more.
        fc.pre(damage.header || !(damage.file === 'ImpSuco' && damage.vintage === 2022));
        const { bytes, expected } = damaged(damage);
        let reading: Reading;
        try {
          reading = readBytes(datasetOf(damage.file), bytes, readIn(damage.vintage));
        } catch (error) {
          // Only a file without a header may be refused as a whole: its columns are told by what they hold.
          if (
            error instanceof RefusedContent &&
            (!damage.header || (damage.file === 'Comercio' && damage.vintage === 2022))
          )
            return;
          throw error;
        }
        expect(account(reading, expected)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('a file that was only saved in another way is published whole', () => {
    fc.assert(
      fc.property(damages, (damage) => {
        const saved: Damage = { ...damage, quotes: 'needed', ragged: [], texts: [], thousands: null };
        fc.pre(!(damage.file === 'ImpSuco' && damage.vintage === 2022));
        const { bytes, expected } = damaged(saved);
        const reading = readBytes(datasetOf(damage.file), bytes, readIn(damage.vintage));
        expect(account(reading, expected)).toEqual([]);
        expect(reading.quarantine).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('a stray quote may cost lines, but no line is lost and no figure moves', () => {
    const quotes = fc.array(fc.record({ at: fc.nat(1_000_000), count: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(damages, quotes, (damage, places) => {
        const { bytes, expected } = damaged({
          ...damage,
          header: true,
          vintage: 2023,
          encoding: 'utf-8',
          quotes: 'needed',
          thousands: null,
        });
        let text = bytes.toString();
        const body = text.indexOf('\n') + 1;
        for (const { at, count } of places) {
          const place = body + (at % (text.length - body));
          text = text.slice(0, place) + '"'.repeat(count) + text.slice(place);
        }
        const reading = readBytes(datasetOf(damage.file), Buffer.from(text), readIn(damage.vintage));
        const figuresAt = new Map(expected.lines.map((line) => [line.line, line]));
        const covered = new Set<unknown>();
        for (const { line, raw } of reading.quarantine)
          for (let i = 0; i < raw.split('\n').length; i++) covered.add(line + i);
        for (const row of reading.rows) {
          covered.add(row.line);
          const { figures } = figuresAt.get(row.line as number)!;
          const at = expected.years.indexOf(row.year as number);
          const [field, ...second] = expected.trade ? ['quantity_kg', 'value_usd'] : ['quantity'];
          if (row[field] !== null) expect(row[field]).toBe(figures[at]);
          if (second.length > 0 && row.value_usd !== null) expect(row.value_usd).toBe(figures[at + 1]);
        }
        expect(expected.lines.filter(({ line }) => !covered.has(line))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
