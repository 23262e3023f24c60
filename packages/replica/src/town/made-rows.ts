/** What a made-up town counts: a row for each district, always the same for a key. */
import { randomOf } from '../prng.ts';

export const DISTRICTS = [
  'Água Verde',
  'Areal',
  'Capão Raso',
  'Centro',
  'Fragata',
  'Glória',
  'Laranjal, Norte',
  'Órfãs "velhas"',
  'São João',
  'Três Vendas',
  'Vila Princesa',
  'Zona Portuária',
] as const;

export type DistrictRow = {
  district: string;
  /** A postal code, which begins with a zero. */
  postcode: string;
  year: number;
  households: number;
  /** With two decimals. */
  spending: number;
  /** ISO 8601. */
  opened: string;
};

const two = (n: number): string => String(n).padStart(2, '0');

/** `count` rows, at most as many as there are districts and years from 2019 on. */
export const rowsOf = (key: string, count = 48): readonly DistrictRow[] =>
  Array.from({ length: count }, (_, n) => {
    const random = randomOf('town', key, n);
    return {
      district: DISTRICTS[n % DISTRICTS.length] as string,
      postcode: `0${random.integer(1000, 9999)}`,
      year: 2019 + Math.floor(n / DISTRICTS.length),
      households: random.integer(120, 9_800),
      spending: random.integer(100_000, 99_999_999) / 100,
      opened: `${random.integer(1985, 2018)}-${two(random.integer(1, 12))}-${two(random.integer(13, 28))}`,
    };
  });

export const HEADER = ['district', 'postcode', 'year', 'households', 'spending', 'opened'] as const;

/** How the cells of a file are written. */
export type CellForms = {
  delimiter?: string;
  line_end?: string;
  figure?: (value: number) => string;
  date?: (iso: string) => string;
  /** A text as a cell: in quotes where it needs them. */
  text?: (value: string) => string;
};

/** In double quotes, doubled within, where the text has a delimiter or a quote. */
export const quotedFor = (delimiter: string) => (value: string) =>
  value.includes(delimiter) || value.includes('"') ? `"${value.replaceAll('"', '""')}"` : value;

/** Decimal comma. */
export const comma = (value: number): string => value.toFixed(2).replace('.', ',');

/** Points between thousands, decimal comma. */
export const grouped = (value: number): string => {
  const [whole, part] = value.toFixed(2).split('.') as [string, string];
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, '.')},${part}`;
};

/** `31/12/2018`. */
export const dayFirst = (iso: string): string => iso.split('-').reverse().join('/');

/** The cells of a row, as text. */
export const cellsOf = (row: DistrictRow, { delimiter = ',', figure = String, date, text }: CellForms): string[] => [
  (text ?? quotedFor(delimiter))(row.district),
  row.postcode,
  String(row.year),
  String(row.households),
  quotedFor(delimiter)(figure(row.spending)),
  date ? date(row.opened) : row.opened,
];

/** Header and rows as one text. */
export const csvOf = (rows: readonly DistrictRow[], written: CellForms = {}, header: readonly string[] = HEADER) => {
  const { delimiter = ',', line_end = '\n' } = written;
  const lines = [header.join(delimiter), ...rows.map((row) => cellsOf(row, written).join(delimiter))];
  return `${lines.join(line_end)}${line_end}`;
};
