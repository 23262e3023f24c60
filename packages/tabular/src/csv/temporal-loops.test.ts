import { describe, expect, it } from '@jest/globals';
import { parseDate, parseTimestamp } from '../dates.ts';
import type { ParseColumn, SlowRead } from './column-plan.ts';
import type { RecordBlock } from './record-block.ts';
import { dateLoop, timestampLoop } from './temporal-loops.ts';

/** What a loop makes of a text by itself; undefined where it leaves it to the slow way. */
const quickly = (
  loop: (slow: SlowRead<never>) => ParseColumn,
  values: Int32Array | Float64Array,
  text: string,
): number | undefined => {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from('\n0000')]);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const block = { bytes, words, width: 1, rows: 1, starts: Int32Array.of(0), ends: Int32Array.of(bytes.length - 5) };
  let slow = false;
  const read = (): boolean => {
    slow = true;
    return true;
  };
  loop({ values: values as never, read })(block as unknown as RecordBlock, 0, 0);
  return slow ? undefined : values[0];
};
const quickDate = (text: string) => quickly(dateLoop as never, new Int32Array(1), text);
const quickTime = (text: string) => quickly(timestampLoop as never, new Float64Array(1), text);

/** A text with one character changed, at every place, to what looks like the right one and is not. */
const damaged = (text: string): string[] =>
  Array.from(text, (_, at) =>
    ['/', ':', '0', '9', ' ', 'T', '-', '.', 'Z', 'é', '\u0000', 'z', 'p'].map(
      (other) => `${text.slice(0, at)}${other}${text.slice(at + 1)}`,
    ),
  ).flat();

describe('the loops over dates and times', () => {
  it('read what the calendar has, and leave everything else to the slow way', () => {
    for (const text of [
      '1970-01-01',
      '0000-02-29',
      '0000-01-01',
      '9999-12-31',
      '2024-02-29',
      '1900-03-01',
      '2000-02-29',
    ])
      expect([text, quickDate(text)]).toEqual([text, parseDate(text)]);
    for (const text of ['2023-02-29', '1900-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '2024-01-00', '24-01-01'])
      expect([text, quickDate(text)]).toEqual([text, undefined]);
    for (const text of damaged('2024-11-29')) expect([text, quickDate(text)]).toEqual([text, parseDate(text)]);
  });

  it('read times with and without fraction and zone', () => {
    for (const text of [
      '2024-02-29T23:59:59.999Z',
      '1969-12-31 00:00:00',
      '0001-01-01T12:30:45Z',
      '9999-12-31 23:59:59.001',
    ])
      expect([text, quickTime(text)]).toEqual([text, parseTimestamp(text)]);
    for (const text of ['2024-02-29T24:00:00Z', '2024-02-29T23:60:00Z', '2024-02-29T23:59:60Z', '2023-02-29T10:00:00Z'])
      expect([text, quickTime(text)]).toEqual([text, undefined]);
    for (const text of damaged('2024-11-29T12:34:56.789Z')) {
      const quick = quickTime(text);
      if (quick !== undefined) expect([text, quick]).toEqual([text, parseTimestamp(text)]);
    }
    expect(damaged('2024-11-29T12:34:56.789Z').filter((text) => quickTime(text) !== undefined).length).toBeGreaterThan(
      20,
    );
  });
});
