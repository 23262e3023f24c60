import { rowsOfBatch } from '../cells.ts';
import { type JsonDeclaration, type JsonInput, jsonForm } from '../json/json-records.ts';
import { readJson } from '../json/read-json.ts';
import type { Cell, Field, QuarantineEntry } from '../table.ts';

/** For tests: text as a file, in chunks whose memory is used again. */
const inputOf = (content: string | Uint8Array, chunk = 7): JsonInput => {
  const bytes = Buffer.from(content as string);
  return {
    bytes: bytes.length,
    *chunks() {
      const one = Buffer.alloc(chunk);
      for (let at = 0; at < bytes.length; at += chunk)
        yield one.subarray(0, bytes.copy(one, 0, at, Math.min(at + chunk, bytes.length)));
    },
    read: (from, to) => bytes.subarray(from, to),
  };
};

/** For tests: reads a text as JSON, in chunks of `chunk` bytes. */
export const readJsonText = async (
  content: string | Uint8Array,
  declared: JsonDeclaration & { fields?: readonly Field[]; missing?: string[]; chunk?: number } = {},
) => {
  const { fields: contract = [], missing, chunk, ...declaration } = declared;
  let fields: readonly Field[] = [];
  const rows: Record<string, Cell>[] = [];
  const quarantine: QuarantineEntry[] = [];
  const input = inputOf(content, chunk);
  const options = {
    processing_date: '2030-06-01',
    contract: { fields: contract },
    ...(missing && { missing: new Set(missing) }),
  };
  const reading = await readJson(input, jsonForm(input, declaration), options, {
    begin(found) {
      fields = found;
    },
    rows: (batch) => void rows.push(...rowsOfBatch({ fields, key: [] }, batch)),
    quarantine: (entry) => void quarantine.push(entry),
  });
  const columns = fields.slice(0, -2).map(({ name, type }) => `${name}: ${type}`);
  const cells = rows.map((row) => Object.values(row).slice(0, -1));
  return { reading, fields, columns, rows: cells, quarantine };
};
