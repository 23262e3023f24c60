import { describe, expect, it } from '@jest/globals';
import { readBytes } from './testing/read-bytes.ts';

const HEADER = 'id;control;produto;1970;1971\n';
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const read = (...pieces: Uint8Array[]) =>
  readBytes('embrapa_producao', Buffer.concat([Buffer.from(HEADER), ...pieces]));
const namesOf = ({ rows }: ReturnType<typeof read>) => [...new Set(rows.map(({ product }) => product))];

describe('the encoding of a file is told line by line', () => {
  it('E8: one line of Latin-1 in a UTF-8 file spoils no other', () => {
    const reading = read(Buffer.from('1;a_x;Orgânico;1;2\n'), latin1('2;a_y;Frisão;3;4\n'));
    expect(namesOf(reading)).toEqual(['Orgânico', 'Frisão']);
    expect(reading.quarantine).toEqual([]);
    expect(reading.report.dialect.encoding).toBe('utf-8');
    expect(reading.report.notes).toEqual(['1 of its lines is in another encoding; each line was read in its own.']);
  });

  it('E8: a thousand lines of UTF-8 are read as such, wherever the line of Latin-1 stands', () => {
    const utf8 = Buffer.from(Array.from({ length: 1000 }, (_, i) => `${i};a_${i};Órgão nº ${i}ª;1;2\n`).join(''));
    const odd = latin1('9;a_z;“Açaí” não;3;4\n'.replace(/[“”]/g, ''));
    for (const file of [
      [odd, utf8],
      [utf8, odd],
      [utf8, odd, utf8],
    ]) {
      const names = namesOf(read(...file));
      expect(names.filter((name) => !/^(Órgão nº \d+ª|Açaí não)$/.test(String(name)))).toEqual([]);
      expect(names).toHaveLength(1001);
    }
  });

  it('E8: one line of UTF-8 in a file of windows-1252 is read as what it is', () => {
    const old = latin1('1;a_x;Orgânico;1;2\n2;a_y;Frisão;3;4\n3;a_w;Maçã;5;6\n');
    const reading = read(old, Buffer.from('4;a_z;Espumante Rosé;5;6\n'));
    expect(namesOf(reading)).toEqual(['Orgânico', 'Frisão', 'Maçã', 'Espumante Rosé']);
    expect(reading.report.dialect.encoding).toBe('windows-1252');
  });

  it('E8: a name that lost a character before it came here is quarantined with that reason', () => {
    const reading = read(Buffer.from('1;a_x;Tinto;1;2\n2;a_y;Fris\ufffdo;3;4\n3;a_z;Branco;5;6\n'));
    expect(namesOf(reading)).toEqual(['Tinto', 'Branco']);
    expect(reading.quarantine).toMatchObject([{ line: 3, rows: 2, reason: expect.stringContaining('U+FFFD') }]);
  });

  it('E8: half a character is no letter of Latin-1', () => {
    const half = (byte: number) => Buffer.concat([latin1('2;a_y;Fris'), Buffer.from([byte]), latin1('o;3;4\n')]);
    for (const byte of [0xc3, 0xa3, 0x81]) {
      const reading = read(Buffer.from('1;a_x;Orgânico;1;2\n'), half(byte));
      expect(namesOf(reading)).toEqual(['Orgânico']);
      expect(reading.quarantine).toHaveLength(1);
    }
  });
});
