import { randomOf } from '../prng.ts';

/** First year of every series. */
export const FIRST_YEAR = 1970;

/** How lively a series is. `magnitude`: size of a usual figure; `idle`: share of years with nothing. */
type Liveliness = { magnitude: number; idle: number };

/**
 * Figures of one row from 1970 to `last`, whole numbers ≥ 0. They depend on the key and the year only, but for
 * revisions: a third of the rows publish their newest year in a preliminary form that the next vintage corrects.
 */
export const figuresOf = (key: readonly string[], last: number, { magnitude, idle }: Liveliness): number[] => {
  const random = randomOf(...key);
  const size = magnitude * (0.05 + random.next() ** 3 * 2);
  const begins = FIRST_YEAR + (random.chance(0.3) ? 0 : random.integer(0, 45));
  const ends = random.chance(0.85) ? Number.POSITIVE_INFINITY : begins + random.integer(5, 30);
  const figures: number[] = [];
  let level = 1;
  for (let year = FIRST_YEAR; year <= last; year++) {
    level = Math.max(0.2, level * (0.8 + random.next() * 0.45));
    const figure = random.chance(idle) || year < begins || year > ends ? 0 : Math.round(size * level);
    const preliminary = year === last && randomOf(...key, 'revision').chance(0.33);
    figures.push(preliminary ? Math.round(figure * 0.97) + 1 : figure);
  }
  return figures;
};

/** US$ of a trade, from its kilograms: one price per row that drifts. */
export const valuesOf = (key: readonly string[], quantities: readonly number[]): number[] => {
  const random = randomOf(...key, 'price');
  let price = 0.4 + random.next() * 4;
  return quantities.map((quantity) => {
    price = Math.max(0.2, price * (0.9 + random.next() * 0.22));
    return Math.round(quantity * price);
  });
};

/**
 * The total row of a section. In one year of eight it is off by a little, as in the source, where totals do not
 * always equal the sum of their parts.
 */
export const totalsOf = (key: readonly string[], parts: readonly (readonly number[])[]): number[] =>
  (parts[0] ?? []).map((_, i) => {
    const sum = parts.reduce((total, part) => total + part[i], 0);
    const random = randomOf(...key, 'total', i);
    return random.chance(1 / 8) ? sum + random.integer(1, 500) : sum;
  });

/** One figure in a few hundred is not a plain number: a marker for missing, a blank, or one with a decimal comma. */
export const written = (figure: number, key: readonly (string | number)[], decimals: boolean): string => {
  const random = randomOf(...key, 'form');
  const draw = random.next();
  if (draw < 0.012 && figure === 0) return ['nd', '*', 'nd', '*', '+', '-', ''][random.integer(0, 6)];
  if (draw < 0.016) return ['nd', '*', '', '-'][random.integer(0, 3)];
  if (decimals && figure > 0 && draw > 0.96) return `${figure},${random.integer(1, 99)}`;
  return String(figure);
};
