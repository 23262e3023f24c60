/** The columns that say where a row comes from: its line in the file, and the day on which it was read. */
import { parseDate } from '../dates.ts';
import type { Column, Field } from '../table.ts';
import type { RecordBlock } from './record-block.ts';

export const PROVENANCE_FIELDS: readonly Field[] = [
  { name: 'line', type: 'int32', nullable: false, description: 'Line of the source file, from 1.' },
  { name: 'processing_date', type: 'date', nullable: false, description: 'Day on which the file was read.' },
];

export const isProvenance = (name: string): boolean => PROVENANCE_FIELDS.some((field) => field.name === name);

export type ProvenanceColumns = {
  add(block: RecordBlock, base: number): void;
  /** As {@link ./column-plan.ts ColumnParser} has it. */
  keep(base: number, kept: Int32Array): void;
  take(rows: number): Column[];
};

/** `processing_date`: `YYYY-MM-DD`. */
export const createProvenanceColumns = (processing_date: string, capacity: number): ProvenanceColumns => {
  const day = parseDate(processing_date);
  if (day === undefined) throw new RangeError(`'${processing_date}' is not a date`);
  const lines = new Int32Array(capacity);
  const days = new Int32Array(capacity).fill(day);
  return {
    add: (block, base) => lines.set(block.lines.subarray(0, block.rows), base),
    keep(base, kept) {
      for (let i = 0; i < kept.length; i++) lines[base + i] = lines[base + kept[i]];
    },
    take: (rows) => [
      { type: 'int32', values: lines.subarray(0, rows) },
      { type: 'date', values: days.subarray(0, rows) },
    ],
  };
};
