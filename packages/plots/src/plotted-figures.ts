import type { Cell, Field } from '@granary/tabular/table';
import { isCategory, isTemporal, type PlotColumns } from './choose-columns.ts';
import { plainText } from './plain-text.ts';
import type { PlotAggregate } from './plot-query.ts';

/** One figure at a place. Two of the same place can be made one: an average is kept as a sum and how many it is of. */
export type Figure = {
  /** Text, number, or milliseconds since 1970 (UTC). */
  x: string | number;
  /** Null without series. */
  s: string | null;
  /** Null: not known. */
  v: number | null;
  n: number;
};

/** What stands for null where names are drawn. */
const NAMELESS = '(none)';

/** A figure of the cells x, series (if there is one), v and, of an average, n; null when it has no place along x. */
export const figureOf = (row: readonly Cell[], { x, series, aggregate }: PlotColumns): Figure | null => {
  const place = placeOf(x, row[0]);
  if (place === null) return null;
  const [v, n] = row.slice(series ? 2 : 1);
  return { x: place, s: series ? nameOf(row[1]) : null, v: finite(v), n: aggregate === 'avg' ? Number(n) : 1 };
};

export const placeOf = (field: Field, cell: Cell): string | number | null => {
  if (isCategory(field)) return nameOf(cell);
  if (cell === null) return null;
  return finite(isTemporal(field) ? Date.parse(cell as string) : cell);
};

const nameOf = (cell: Cell): string => {
  if (cell === null) return NAMELESS;
  return plainText(String(cell)) || '""';
};

const finite = (cell: Cell): number | null => {
  if (cell === null) return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
};

type Merge = (a: number, b: number) => number;
const MERGE: Readonly<Partial<Record<PlotAggregate, Merge>>> = { min: Math.min, max: Math.max };
const add: Merge = (a, b) => a + b;

/** Figures of places, one each. */
export type Places = { size: number; add(figure: Figure): void; figures(): Figure[] };

export const makePlaces = (aggregate: PlotAggregate): Places => {
  const merge = MERGE[aggregate] ?? add;
  const places = new Map<string | number, Map<string | null, Figure>>();
  const united: Figure[] = [];
  return {
    get size() {
      return united.length;
    },
    add(figure) {
      const place = places.get(figure.x) ?? new Map<string | null, Figure>();
      if (place.size === 0) places.set(figure.x, place);
      const known = place.get(figure.s);
      if (!known) {
        const first = { ...figure };
        place.set(figure.s, first);
        united.push(first);
      } else if (figure.v !== null) {
        known.n = known.v === null ? figure.n : known.n + figure.n;
        known.v = known.v === null ? figure.v : merge(known.v, figure.v);
      }
    },
    figures: () => united,
  };
};

/** One figure a place. */
export const unite = (figures: readonly Figure[], aggregate: PlotAggregate): Figure[] => {
  const places = makePlaces(aggregate);
  for (const figure of figures) places.add(figure);
  return places.figures();
};
