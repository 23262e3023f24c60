import { RefusedContent } from '@granary/domain/errors';
import type { CsvRow } from '@granary/tabular/csv/tokenizer';

/** Real files have a line or two that were put in later, under the next id that was free. */
const FEW = 1 / 20;
/** A line that was taken out leaves a gap. */
const FEW_GAPS = 1 / 10;

/** The places of a longest run of numbers that ascends: as few as possible are left out. */
const ascending = (numbers: readonly number[]): readonly number[] => {
  // Where the run of each length ends whose last number is the least, and what stands before each number in its run.
  const ends: number[] = [];
  const before: number[] = [];
  for (const [place, number] of numbers.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[place] = low === 0 ? -1 : ends[low - 1];
    ends[low] = place;
  }
  const run: number[] = [];
  for (let place = ends.at(-1) ?? -1; place !== -1; place = before[place]) run.push(place);
  return run.reverse();
};

/** A line of the file: its id where it can be read, else null. */
export type LineId = { row: CsvRow; id: number | null };

/** How often ids are skipped in a run: more than lines stand there that cannot be read. */
const gapsIn = (lines: readonly LineId[], run: ReadonlySet<LineId>): number => {
  let gaps = 0;
  let expected: number | null = null;
  for (const line of lines) {
    // A stray quote may have joined several lines.
    const joined = line.row.raw.split(/\r\n|\n|\r/).length;
    if (line.id === null) {
      if (expected !== null) expected += joined;
    } else if (run.has(line)) {
      if (expected !== null && line.id > expected) gaps += 1;
      expected = line.id + joined;
    }
  }
  return gaps;
};

/**
 * A file in sections is read in the order of its lines: sorted by name or turned upside down, it has each product below
 * another title than its own. The ids tell that. Where few lines are left of a sorted file they may ascend by chance,
 * but then many are skipped, and a title may be among these.
 * @throws RefusedContent when the ids of the lines do not follow each other. Lines that are equal count once: a file
 * may be pasted twice.
 */
export const refuseSorted = (lines: readonly LineId[]): void => {
  const unique = [...new Map(lines.map((line) => [line.row.fields.join('\n'), line])).values()];
  const known = unique.filter(({ id }) => id !== null);
  const run = ascending(known.map(({ id }) => id!)).map((place) => known[place]);
  const moved = known.length - run.length;
  const gaps = gapsIn(unique, new Set(run));
  if ((moved <= 1 || moved <= known.length * FEW) && gaps <= known.length * FEW_GAPS) return;
  throw new RefusedContent(
    `The ids of the lines do not follow each other: of ${known.length} lines ${moved} stand elsewhere, and ids are skipped ` +
      `${gaps} times. Lines were sorted or are missing, so nothing tells which section the others belong to.`,
  );
};
