const MOST_NAMED = 3;
const MOST_CHARACTERS = 128;
/** More letters apart than a third of the name is another name. */
const APART = 3;

/** Those of `known` that `asked` may stand for: a part of them, or but for a few letters; the nearest first. */
export const nearNames = (asked: string, known: readonly string[]): string[] => {
  if (asked === '' || asked.length > MOST_CHARACTERS) return [];
  return known
    .map((name) => ({ name, apart: name.includes(asked) ? 0 : distance(asked, name) }))
    .filter(({ apart }) => apart <= Math.floor(asked.length / APART))
    .sort((a, b) => a.apart - b.apart || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
};

/** Letters to be put in, left out or changed (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
};
