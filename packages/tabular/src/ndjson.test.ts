import { describe, expect, it } from '@jest/globals';
import { createJsonWriter, encodeNdjson } from './ndjson.ts';
import type { Batch, Schema } from './table.ts';
import { createTableBuilder } from './table-builder.ts';

const schema: Schema = {
  fields: [
    { name: 'produto', type: 'string', nullable: true },
    { name: '1970', type: 'int64', nullable: true },
    { name: 'ok', type: 'boolean', nullable: true },
  ],
  key: [],
};
const batches: Batch[] = [];
const builder = createTableBuilder(schema, { batchRows: 2, emit: (batch) => batches.push(batch) });
builder.append(['Vinho "tinto"', 9007199254740993n, true]);
builder.append([null, 5n, null]);
builder.append(['é', null, false]);
builder.end();

describe('JSON writers', () => {
  it('keep the order of the schema, and integers beyond 2^53 exact as strings', () => {
    expect(batches.map((batch) => encodeNdjson(schema, batch)).join('')).toBe(
      '{"produto":"Vinho \\"tinto\\"","1970":"9007199254740993","ok":true}\n{"produto":null,"1970":5,"ok":null}\n{"produto":"é","1970":null,"ok":false}\n',
    );
  });

  it('write one array over several batches, and an empty one for none', () => {
    const write = (list: Batch[]) => {
      let text = '';
      const writer = createJsonWriter(schema, (piece) => {
        text += piece;
      });
      for (const batch of list) writer.write(batch);
      writer.end();
      return JSON.parse(text);
    };
    expect(write(batches)).toEqual([
      { produto: 'Vinho "tinto"', 1970: '9007199254740993', ok: true },
      { produto: null, 1970: 5, ok: null },
      { produto: 'é', 1970: null, ok: false },
    ]);
    expect(write([])).toEqual([]);
  });
});
