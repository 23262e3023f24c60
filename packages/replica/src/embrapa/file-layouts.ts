import { randomOf } from '../prng.ts';
import { FIRST_YEAR } from './made-figures.ts';

export type ReplicaFileKind = 'production' | 'processing' | 'trade';

/** The files of the real site, in its own spelling. `countries`: how many a trade file lists. */
export const EMBRAPA_FILES: readonly { name: string; kind: ReplicaFileKind; countries?: number }[] = [
  { name: 'Producao', kind: 'production' },
  { name: 'ProcessaViniferas', kind: 'processing' },
  { name: 'ProcessaAmericanas', kind: 'processing' },
  { name: 'ProcessaMesa', kind: 'processing' },
  { name: 'ProcessaSemclass', kind: 'processing' },
  { name: 'Comercio', kind: 'production' },
  { name: 'ImpVinhos', kind: 'trade', countries: 68 },
  { name: 'ImpEspumantes', kind: 'trade', countries: 45 },
  { name: 'ImpFrescas', kind: 'trade', countries: 20 },
  { name: 'ImpPassas', kind: 'trade', countries: 35 },
  { name: 'ImpSuco', kind: 'trade', countries: 29 },
  { name: 'ExpVinho', kind: 'trade', countries: 137 },
  { name: 'ExpEspumantes', kind: 'trade', countries: 103 },
  { name: 'ExpUva', kind: 'trade', countries: 134 },
  { name: 'ExpSuco', kind: 'trade', countries: 122 },
];

export const FIRST_VINTAGE = 2021;
export const DEFAULT_VINTAGE = 2023;
export const LAST_VINTAGE = 2060;

export type FileLayout = {
  delimiter: ';' | '\t' | ',';
  /** Cells of the header line before the years; null when the file comes without a header. */
  header: readonly string[] | null;
  control: boolean;
  /** Header cells of the figures, in order. */
  years: readonly number[];
};

/** Files that a vintage leaves as they were: not everything is updated each year. */
const LATE_IN_EVEN_YEARS = ['ProcessaSemclass', 'ImpFrescas'];

/** The vintage whose bytes a file shows when the site stands at `vintage`. */
export const vintageOfFile = (name: string, vintage: number): number =>
  vintage > FIRST_VINTAGE && vintage % 2 === 0 && LATE_IN_EVEN_YEARS.includes(name) ? vintage - 1 : vintage;

/** `;` and tabs change from file to file and from one vintage to the next. */
const delimiterOf = (name: string, vintage: number): ';' | '\t' => {
  if (vintage === DEFAULT_VINTAGE) return /^Processa(Americanas|Mesa|Semclass)$/.test(name) ? '\t' : ';';
  return randomOf(name, vintage, 'delimiter').chance(0.5) ? ';' : '\t';
};

/** Lays a file out as its vintage has it: 2021 without `control`, 2022 with Comercio headless and ImpSuco broken. */
export const layoutOf = (file: { name: string; kind: ReplicaFileKind }, vintage: number): FileLayout => {
  const years: number[] = [];
  for (let year = FIRST_YEAR; year <= vintage; year++) years.push(year);
  const control = file.kind !== 'trade' && vintage !== 2021;
  const id = file.kind === 'trade' ? 'Id' : 'id';
  const product = file.kind === 'trade' ? 'País' : file.kind === 'processing' ? 'cultivar' : 'produto';
  const name = file.name === 'Comercio' ? 'Produto' : product;
  const columns = file.kind === 'trade' ? years.flatMap((year) => [year, year]) : years;
  if (file.name === 'ImpSuco' && vintage === 2022) columns.splice(-2, 2, 2021, 2021);
  return {
    delimiter: delimiterOf(file.name, vintage),
    header: file.name === 'Comercio' && vintage === 2022 ? null : control ? [id, 'control', name] : [id, name],
    control,
    years: columns,
  };
};
