import { describe, expect, it } from '@jest/globals';
import type { Field } from '../table.ts';
import { readJsonText } from '../testing/read-json-text.ts';
import { type JsonDeclaration, type JsonInput, jsonForm } from './json-records.ts';
import { readJson } from './read-json.ts';

describe('A file of JSON', () => {
  it('is a list of objects: what is in objects is a column beside its siblings, a list is JSON text', async () => {
    const json = `[
      {"id": 1, "address": {"city": "Faro", "geo": {"lat": 37.02}}, "tags": ["a", "b c"], "open": true},
      {"id": 2, "address": {"city": null, "zip": "8000-001"}, "tags": [], "since": "2020-01-31"}
    ]`;
    const { columns, rows, reading } = await readJsonText(json);
    expect(columns).toEqual([
      ...['id: int32', 'address_city: string', 'address_geo_lat: double', 'address_zip: string', 'tags: string'],
      ...['open: boolean', 'since: date'],
    ]);
    expect(rows).toEqual([
      [1, 'Faro', 37.02, null, '["a","b c"]', true, null, 1],
      [2, null, null, '8000-001', '[]', null, '2020-01-31', 2],
    ]);
    expect(reading.header.slice(0, 3)).toEqual(['id', 'address.city', 'address.geo.lat']);
  });

  it.each<[string, string, JsonDeclaration]>([
    ['an object with one list of objects', '{"meta":{"n":2,"names":["x"]},"data":{"items":[{"a":1},{"a":2}]}}', {}],
    [
      'two such lists, of which one is declared',
      '{"a":[{"b":1}],"it ems":[{"a":1},{"a":2}]}',
      { records: "$['it ems'][*]" },
    ],
    ['a list behind what is about it', '[{"page":1},[{"a":1},{"a":2}]]', { records: '$[1][*]' }],
    ['members of an object', '{"PT":{"a":1},"ES":{"a":2}}', { records: '$.*' }],
    ['pages, one behind the other', '{"v":[{"a":1}],"next":2}\n{"v":[{"a":2}]}\n', { records: '$.v[*]', pages: true }],
    ['one object on each line', '{"a":1}\r\n\n{"a":2}', {}],
    ['a JSON text sequence', '\x1e{"a":1}\n\x1e{"a":2}\n', {}],
    ['a list with a byte order mark', '\ufeff[{"a":1},{"a":2}]', {}],
  ])('may be %s', async (_, json, declared) => {
    for (const chunk of [1, 3, 1000]) {
      const { columns, rows } = await readJsonText(json, { ...declared, chunk });
      expect([columns, rows.map(([a]) => a)]).toEqual([['a: int32'], [1, 2]]);
    }
  });

  it('is one record where that is declared', async () => {
    expect(await readJsonText('{"a":1,"b":{"c":[1, 2]}}', { records: '$' })).toMatchObject({
      columns: ['a: int32', 'b_c: string'],
      rows: [[1, '[1,2]', 1]],
    });
  });

  it('keeps numbers as they are: beyond 2^53 as int64, beyond int64 as text', async () => {
    const { columns, rows } = await readJsonText(
      '[{"a":9007199254740993,"b":123456789012345678901234567890,"c":9007199254740993,"d":1e3,"e":1.5,"f":"1.234","g":-0},' +
        '{"a":-9223372036854775808,"b":1,"c":0.5,"d":2,"e":1234,"f":"2.345","g":1e400}]',
    );
    expect(columns).toEqual([
      ...['a: int64', 'b: string', 'c: string', 'd: double', 'e: double', 'f: string', 'g: string'],
    ]);
    expect(rows).toEqual([
      [9007199254740993n, '123456789012345678901234567890', '9007199254740993', 1000, 1.5, '1.234', '-0', 1],
      [-9223372036854775808n, '1', '0.5', 2, 1234, '2.345', '1e400', 2],
    ]);
  });

  it('reads text as cells of CSV are read: figures where all are, and codes stay text', async () => {
    const json =
      '[{"n":"12","code":"007","day":"2020-02-29","gap":"n/a","said":""},{"n":"-3","code":"12","day":null,"gap":"4","said":"x"}]';
    const { columns, rows } = await readJsonText(json);
    expect(columns).toEqual(['n: int32', 'code: string', 'day: date', 'gap: int32', 'said: string']);
    expect(rows).toEqual([
      [12, '007', '2020-02-29', null, '', 1],
      [-3, '12', null, 4, 'x', 2],
    ]);
  });

  it('gives what is only ever null a column of text, but not where an object may stand', async () => {
    const { columns } = await readJsonText('[{"a":null,"b":null,"c":{}},{"b":{"x":1}}]');
    expect(columns).toEqual(['a: string', 'b_x: int32', 'c: string']);
  });

  it('names columns apart that come out the same', async () => {
    const { columns, reading } = await readJsonText('[{"a_b":1,"a":{"b":2},"line":3,"":4}]');
    expect(columns).toEqual(['a_b: int32', 'a_b_2: int32', 'line_2: int32', 'column_4: int32']);
    expect(reading.header).toEqual(['a_b', 'a.b', 'line', '']);
  });

  it('quarantines records that are none, with the reason and the text as it stands', async () => {
    const bad = [
      '7',
      '[1]',
      'null',
      '{"a":1,"a":2}',
      '{"a":01}',
      '{"a":1,}',
      '{"a":NaN}',
      '{"a":"\\ud800"}',
      '{"a":"\ufffd"}',
    ];
    const { rows, quarantine } = await readJsonText(`[{"a":1},${bad.join(',')},{"a":2}]`);
    expect(rows).toEqual([
      [1, 1],
      [2, bad.length + 2],
    ]);
    expect(quarantine.map(({ raw }) => raw)).toEqual(bad);
    expect(quarantine.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '2: it is a single value, and no object',
      '3: it is a list, and no object',
      '4: it is null, and no object',
      "5: the name 'a' stands in it twice",
      '6: it is not well-formed JSON: "1}" at character 7',
      '7: it is not well-formed JSON: "}" at character 8',
      '8: it is not well-formed JSON: "NaN}" at character 6',
      '9: a text has half of a character (a lone surrogate) in it',
      '10: a character of the record was lost before it was published (U+FFFD stands in its place)',
    ]);
  });

  it('quarantines a line that is cut, and counts lines of the file', async () => {
    const { rows, quarantine } = await readJsonText('{"a":1}\n{"a":\n{"a":3}\n');
    expect(rows).toEqual([
      [1, 1],
      [3, 3],
    ]);
    expect(quarantine).toMatchObject([{ line: 2, raw: '{"a":', reason: 'it is cut short' }]);
  });

  it('holds to what is declared', async () => {
    const fields: Field[] = [
      { name: 'code', type: 'string', nullable: false },
      { name: 'level', type: 'double', nullable: true },
      { name: 'seen', type: 'date', nullable: true },
    ];
    const { columns, rows, quarantine } = await readJsonText(
      '[{"code":1,"level":2},{"level":3},{"code":"x","level":"high"}]',
      {
        fields,
      },
    );
    expect(columns).toEqual(['code: string', 'level: double', 'seen: date']);
    expect(rows).toEqual([['1', 2, null, 1]]);
    expect(quarantine.map(({ column, positions, reason }) => [column, positions, reason])).toEqual([
      ['code', [1], 'code has no value, and must have one'],
      ['level', [2], '"high" is not of the type double of level'],
    ]);
    await expect(readJsonText('[{"b":1}]', { fields })).rejects.toThrow(
      'no record has the declared column code; there are b',
    );
  });

  it.each<[string, string | Uint8Array, JsonDeclaration, RegExp]>([
    [
      'two lists',
      '{"a":[{"x":1}],"b":{"c":[{"x":1}]}}',
      {},
      /holds 2 lists of objects: '\$\.a\[\*\]', '\$\.b\.c\[\*\]'; declare/,
    ],
    ['no list', '{"a":1}', {}, /holds no list of objects; declare where its records are \(records\): '\$'/],
    ['a list of lists', '[[1,2],[3]]', {}, /it is a list of lists, not of objects/],
    ['nothing', ' \n', {}, /nothing but white space/],
    ['a file that was cut', '[{"a":1},{"a":', {}, /ends in the middle: it was cut short/],
    [
      'two values in a line',
      '{"a":[{"b":1}]} {"a":[]}',
      {},
      /stands behind the end of the JSON, at byte 17; several values/,
    ],
    ['no JSON between its records', '[{"a":1};{"a":2}]', {}, /not well-formed JSON: ';' at byte 9/],
    ['UTF-16', Buffer.from('[{"a":1}]', 'utf16le'), {}, /encoded as UTF-16/],
    ['a path that leads nowhere', '{"a":[{"x":1}]}', { records: '$.b[*]' }, /has no record at '\$\.b\[\*\]'/],
    [
      'records that are none',
      '[[1],[2]]',
      { records: '$[*]' },
      /none of its 2 records is an object with names; it is a list, and no object/,
    ],
    [
      'a path of another language',
      '{"a":[{"x":1}]}',
      { records: '$..a' },
      /'\$\.\.a' is no path that is read, from '\.\.a' on/,
    ],
    [
      'names that are data',
      `[{${Array.from({ length: 6000 }, (_, i) => `"k${i}":1`)}}]`,
      {},
      /more than 5000 different names/,
    ],
  ])('of %s is refused, with the reason', async (_, json, declared, reason) => {
    await expect(readJsonText(json, declared)).rejects.toThrow(reason);
  });

  it('is refused or quarantined where it is nested too deep, whatever the depth', async () => {
    const deep = 10_000;
    await expect(readJsonText('['.repeat(deep) + ']'.repeat(deep))).rejects.toThrow('a list of lists');
    await expect(readJsonText(`${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`)).rejects.toThrow('no list of objects');
    await expect(readJsonText('['.repeat(deep))).rejects.toThrow('ends in the middle');
    const objects = `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`;
    const lists = `{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`;
    const { rows, quarantine } = await readJsonText(`[${objects},${lists},{"a":1}]`, { chunk: 5000 });
    expect(rows).toEqual([
      [`${'['.repeat(deep)}${']'.repeat(deep)}`, 2],
      ['1', 3],
    ]);
    expect(quarantine.map(({ reason }) => reason)).toEqual(['it is nested deeper than 50 levels']);
  });

  it('holds one record at a time: one that never ends is refused', async () => {
    const endless: JsonInput = {
      bytes: 100_000_000,
      *chunks() {
        yield Buffer.from('[{"a":"');
        for (let i = 0; i < 100; i++) yield Buffer.alloc(1_000_000, 'x');
      },
      read: () => Buffer.from('[{"a":"xxx'),
    };
    expect(() => jsonForm(endless, { records: '$' })).toThrow(
      "one record has more than 16777216 bytes; if '$' is a list, its records are '$[*]'",
    );
    const form = { path: ['*' as const], many: false, geojson: false };
    const out = { begin() {}, rows() {}, quarantine() {} };
    await expect(readJson(endless, form, { processing_date: '2030-06-01' }, out)).rejects.toThrow(
      'one record has more than 16777216 bytes',
    );
  });
});
