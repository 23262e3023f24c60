/** Rows sorted by key without later ones of the same key. */
import { cellAt } from '../cells.ts';
import type { KeptBatch, KeptColumn } from '../kept-batch.ts';
import { type Refuse, shownCell } from '../refused-rows.ts';
import type { Schema } from '../table.ts';
import { compareRowsBy, inOrder } from './compare-rows.ts';

/** Fields that say where a row comes from: rows that differ in nothing else are the same. */
const PROVENANCE: ReadonlySet<string> = new Set(['line', 'processing_date']);

export type Distinct = {
  /** Whether a row is the first of its key. */
  isFirst(batch: KeptBatch, row: number): boolean;
  /** Rows that were the same as the first of their key. */
  readonly deduplicated: number;
};

/** Takes rows in the order of the key. Those of a key that came before with other data are refused, with both lines. */
export const createDistinct = ({ fields, key }: Schema, refuse: Refuse): Distinct => {
  const keyed = key.map((name) => fields.findIndex((field) => field.name === name));
  const compareKeys = inOrder(keyed.map((index) => compareRowsBy(fields[index].type, index)));
  const data = fields.flatMap(({ name, type }, index) =>
    PROVENANCE.has(name) ? [] : [{ name, index, compare: compareRowsBy(type, index) }],
  );
  const lineField = fields.findIndex(({ name }) => name === 'line');
  let first: { batch: KeptBatch; row: number } | undefined;
  let deduplicated = 0;

  const shown = (column: KeptColumn, row: number): string => shownCell(cellAt(column, row));
  const valueIn = (batch: KeptBatch, row: number, index: number): string => {
    const place = lineField === -1 ? '' : ` in line ${shown(batch.columns[lineField], row)}`;
    return shown(batch.columns[index], row) + place;
  };

  return {
    isFirst(batch, row) {
      if (!first || compareKeys(first.batch, first.row, batch, row) !== 0) {
        first ??= { batch, row };
        first.batch = batch;
        first.row = row;
        return true;
      }
      const { batch: known, row: knownRow } = first;
      const other = data.find(({ compare }) => compare(known, knownRow, batch, row) !== 0);
      if (!other) {
        deduplicated++;
        return false;
      }
      const said = key.map((name, at) => `${name} ${shown(batch.columns[keyed[at]], row)}`).join(', ');
      const [mine, theirs] = [valueIn(batch, row, other.index), valueIn(known, knownRow, other.index)];
      refuse(
        batch.columns,
        row,
        other.name,
        `the key ${said} came before with other data: ${other.name} is ${mine}, and ${theirs}`,
      );
      return false;
    },
    get deduplicated() {
      return deduplicated;
    },
  };
};
