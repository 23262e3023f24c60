/** A member of Accept or Accept-Encoding, in lower case, with its parameters but `q` and its weight. */
export type Weighted = { value: string; parameters: readonly string[]; weight: number };

/** Longer headers are cut: nobody lists so many types. */
const MOST_CHARACTERS = 2000;

/** The members of a header with weights (RFC 9110, 12.4.2), in their order. One whose weight cannot be read has 0. */
export const readWeighted = (header: string): Weighted[] =>
  header
    .slice(0, MOST_CHARACTERS)
    .toLowerCase()
    .split(',')
    .flatMap((part) => {
      const [value = '', ...parameters] = part.split(';').map((text) => text.trim());
      if (value === '') return [];
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      const weight = q === undefined ? 1 : Number(q.slice(2));
      return [
        {
          value,
          parameters: parameters.filter((parameter) => parameter !== q),
          weight: Number.isFinite(weight) ? weight : 0,
        },
      ];
    });
