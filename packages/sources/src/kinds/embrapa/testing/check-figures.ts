import type { Reading } from '../../../testing/read-all.ts';
import type { Place } from './damage.ts';

const FIELDS = ['quantity', 'quantity_kg', 'value_usd'] as const;
const inPlainText = (text: string): string => text.replaceAll('\u0000', '');
const figuresIn = (text: string): ReadonlySet<string> => new Set(inPlainText(text).match(/[\d.,]+/g) ?? []);
const asWritten = (value: number): string => String(value).replace('.', ',');

const shown = ({ section, name, year, field }: Place): string => `${section ?? '-'} / ${name} / ${year} / ${field}`;
const keyOf = (place: Place): string => shown(place).toLowerCase();

/**
 * What is wrong with a reading of a spoilt file: a figure under a name, section or year that is not its own, one that
 * nobody wrote, one that is there twice, one said to be missing though the file has it, and one that is neither
 * published nor quarantined. Empty when nothing is.
 * @param truth where each figure belongs; figures are all different.
 */
export const wrongFigures = (reading: Reading, truth: ReadonlyMap<number, Place>, bytes: Buffer): readonly string[] => {
  const wrong: string[] = [];
  const published = new Set<number>();
  const seen = new Set<string>();
  const there = figuresIn(bytes.toString('latin1'));
  const valueAt = new Map([...truth].map(([value, place]) => [keyOf(place), value]));
  for (const row of reading.rows)
    for (const name of FIELDS) {
      const value = row[name];
      if (value === undefined) continue;
      const place: Place = {
        section: (row.section ?? null) as string | null,
        name: String(row.product ?? row.country),
        year: row.year as number,
        field: name === 'value_usd' ? 1 : 0,
      };
      if (seen.has(keyOf(place))) wrong.push(`${shown(place)} is there twice`);
      seen.add(keyOf(place));
      const own = valueAt.get(keyOf(place));
      if (value === null) {
        if (own !== undefined && there.has(asWritten(own))) wrong.push(`${shown(place)} is missing; it is ${own}`);
        continue;
      }
      // Noughts and markers are no figures that tell where they came from.
      if (value === 0) continue;
      const true_place = truth.get(value as number);
      if (!true_place) wrong.push(`${shown(place)} is ${value}, which nobody wrote`);
      else if (keyOf(true_place) !== keyOf(place))
        wrong.push(`${value} is at ${shown(place)}, not ${shown(true_place)}`);
      else if (published.has(value as number)) wrong.push(`${shown(place)} is published twice`);
      published.add(value as number);
    }
  const quarantined = figuresIn(reading.quarantine.map(({ raw }) => raw).join(' '));
  for (const value of truth.keys()) {
    const text = asWritten(value);
    if (there.has(text) && !published.has(value) && !quarantined.has(text)) wrong.push(`${text} is nowhere`);
  }
  return wrong;
};
