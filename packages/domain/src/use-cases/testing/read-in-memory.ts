import { rowsOfBatch } from '@granary/tabular/cells';
import type { Cell, Field, QuarantineEntry } from '@granary/tabular/table';
import type { ResourceFile, TableSink } from '../../reading.ts';

/** For tests: bytes as a file of a resource, in chunks of `chunk` bytes. */
export const fileOfBytes = (bytes: Uint8Array, chunk = 65_536): ResourceFile => ({
  bytes: bytes.length,
  *chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  },
  read: (from, to) => bytes.subarray(from, to),
});

export type TableInMemory = TableSink & {
  readonly fields: readonly Field[];
  readonly rows_read: Record<string, Cell>[];
  readonly quarantined: QuarantineEntry[];
};

/** For tests: keeps what a reader finds, rows as objects. */
export const tableInMemory = (): TableInMemory => {
  const rows_read: Record<string, Cell>[] = [];
  const quarantined: QuarantineEntry[] = [];
  let schema: { fields: readonly Field[]; key: [] } = { fields: [], key: [] };
  return {
    get fields() {
      return schema.fields;
    },
    rows_read,
    quarantined,
    begin(fields) {
      schema = { fields, key: [] };
      rows_read.length = 0;
      quarantined.length = 0;
    },
    rows: (batch) => void rows_read.push(...rowsOfBatch(schema, batch)),
    quarantine: (entry) => void quarantined.push(entry),
  };
};
