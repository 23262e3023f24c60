import { RefusedContent } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import { readBytes } from './testing/read-bytes.ts';

const reading = (bytes: string | Uint8Array) => () =>
  readBytes('embrapa_producao', typeof bytes === 'string' ? Buffer.from(bytes) : bytes);

describe('what is no file of figures is refused with the reason', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['an HTML page', '<!DOCTYPE html>\n<html><body>Erro 1970;1971</body></html>', /HTML/],
    ['an HTML page after a BOM and blank lines', '\ufeff\n\n  <html>', /HTML/],
    ['an empty file', '', /empty/],
    ['white space', ' \n\n  \n', /white space/],
    ['JSON', '{"error": "not found"}', /JSON/],
    ['a workbook', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0), /workbook/],
    ['a binary', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 32), /binary/],
    ['a table without years', 'id;control;produto;a;b\n1;X;Y;1;2\n2;X;Y;1;2\n', /no header with years/],
    ['a short table without a header', '1;VINHO;VINHO;1;2;3\n2;a;b;1;2;3\n', /no header with years/],
    ['prose', 'Serviço indisponível. Tente mais tarde.\n', /no header with years/],
    ['years without names', '1970;1971;1972\n1;2;3\n', /no header with years/],
    ['a header and nothing below', 'id;control;produto;1970;1971\n', /no rows/],
  ])('%s', (_, bytes, reason) => {
    expect(reading(bytes)).toThrow(RefusedContent);
    expect(reading(bytes)).toThrow(reason);
  });

  it('years that are still to come, counted from 1970 in a file without a header', () => {
    const row = (id: number) => [id, 'vm_Tinto', 'Tinto', ...Array.from({ length: 90 }, (_, i) => 5000 + i)].join(';');
    expect(reading(`${row(1)}\n${row(2)}\n`)).toThrow(/reach 2059, which is still to come/);
  });

  it('a trade file without a header whose figures are no pairs', () => {
    const row = (id: number) => [id, 'Chile', ...Array.from({ length: 107 }, (_, i) => 5000 + i)].join(';');
    expect(() => readBytes('embrapa_imp_suco', Buffer.from(`${row(1)}\n${row(2)}\n`))).toThrow(/no pairs/);
  });
});
