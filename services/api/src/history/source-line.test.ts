import { gzipSync } from 'node:zlib';
import type { Dialect } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import { readSourceLine } from './source-line.ts';

const DIALECT: Dialect = {
  ...{ encoding: 'utf-8', bom: false, mojibake: false, delimiter: ';', quote: '"', newline: '\n' },
  ...{ header_line: 1, decimal: '.', thousands: null },
};
const CSV = 'a;b\n1;2\n3;4\n';

describe('The line of a source that a row comes from', () => {
  it('is that of the text, also where the text was fetched as gzip data', async () => {
    for (const fetched of [Buffer.from(CSV), gzipSync(CSV)])
      expect(await readSourceLine(gzipSync(fetched), DIALECT, 3)).toMatchObject({ line: 3, fields: ['3', '4'] });
  });

  it('is not told where lines of the file are no rows of the table', async () => {
    const json = gzipSync('[\n{"a":1},\n{"a":2}\n]');
    expect(await readSourceLine(json, { ...DIALECT, sure_quotes: true }, 2)).toBeUndefined();
    expect(await readSourceLine(gzipSync('PK\u0003\u0004\n1;2\n3;4\n'), DIALECT, 2)).toBeUndefined();
  });
});
