import { describe, expect, it } from '@jest/globals';
import { readCsvText } from '../testing/read-csv-text.ts';
import { sniffDialect } from './dialect.ts';
import { sniffEncoding } from './sniff-encoding.ts';

const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const little = (text: string): Buffer => Buffer.from(text, 'utf16le');
const tables: [string, string][] = [
  ['Chinese', `城市,人口,一\n${'北京,2154,一\n上海,2424,二\n　广州,1531,三\n'.repeat(50)}`],
  ['Japanese', `都道府県;人口\n${'東京都;1396\n大阪府;882\nカタカナ ひらがな;1\n'.repeat(50)}`],
  ['Russian', `город;население\n${'Москва;12615\nКазань;1252\n'.repeat(50)}`],
  ['Portuguese', 'país;produção\nÁfrica;1\n'],
  ['emoji', `nome;n\n${'🍇;1\n🍷;2\n'.repeat(9)}`],
];

const read = async (bytes: Uint8Array) => (await readCsvText(bytes)).rows.map((row) => row.map(String).join(';'));

describe('encodings without a byte order mark', () => {
  it.each(tables)('C10: UTF-16 of %s text is decoded, both ways round', async (_, text) => {
    expect(sniffEncoding(little(text)).encoding).toBe('utf-16le');
    expect(sniffEncoding(big(text)).encoding).toBe('utf-16be');
    const expected = await read(Buffer.from(text));
    expect(await read(little(text))).toEqual(expected);
    expect(await read(big(text))).toEqual(expected);
  });

  // 都道府県,人口 / 東京,1 / 大阪,2 and the like, by Python's codecs: there is no encoder for them in Node.
  const others: [string, string][] = [
    ['shift_jis', '937393b9957b8ca72c906c8cfb0a938c8b9e2c310a91e58de32c320a834a835e834a83692c330a'],
    ['euc-jp', 'c5d4c6bbc9dcb8a92cbfcdb8fd0ac5ecb5fe2c310ac2e7bae52c320a'],
    ['gb18030', 'b3c7cad02cc8cbbfda0ab1b1bea92c310ac9cfbaa32c320a'],
    ['big5', 'abb0a5ab2ca448a4660aa55fa8ca2c310aa457aefc2c320a'],
    ['euc-kr', 'b5b5bdc32cc0ceb1b80abcadbfef2c310abacebbea2c320a'],
    ['windows-1251', 'e3eef0eee42ced0acceef1eae2e02c310acae0e7e0edfc2c320a'],
    [
      'windows-1250',
      '6d696173746f3b6e0a426961b37973746f6b3b310aa36f6dbf613b320a5761b362727a7963683b330a476fb36461703b340a4db36177613b350a',
    ],
  ];
  it.each(others)('C10: %s is refused, with what it may be', async (label, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    const [entry] = sniffDialect(bytes).uncertain ?? [];
    expect(entry).toMatchObject({ about: 'encoding', line: null });
    expect(entry.readings.join(' ')).toContain(label);
    await expect(readCsvText(bytes)).rejects.toThrow(/the encoding is not known/);
  });

  it('C10: a binary file is refused', async () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256);
    await expect(readCsvText(bytes)).rejects.toThrow(/the encoding is not known/);
  });

  it.each([
    'país;ação\nSÃO PAULO;não\nMARANHÃO;“sim”\nGOIÁS;1ª opção – nº 2\n',
    'Straße;Größe\nKöln;„groß“\nÜbersee;Maß\n',
    'pays;année\nCôte d’Ivoire;créée\nÉGYPTE;«\u00a0été\u00a0»\n',
    'país;año\nESPAÑA;¿qué?\nPERÚ;¡olé!\n',
    'by;å\nÅrhus;Ærø\nØster;blåbær\n',
    'prix;n\n5 €;1\n3 €;2\n½ £;3\n',
  ])('C10: windows-1252 of the West is believed: %s', (text) => {
    const bytes = Buffer.from(
      text.replace(/[€–—‘’“”„]/g, (sign) =>
        String.fromCharCode(
          { '€': 0x80, '–': 0x96, '—': 0x97, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '„': 0x84 }[sign]!,
        ),
      ),
      'latin1',
    );
    const { encoding, uncertain = [] } = sniffEncoding(bytes);
    expect([encoding, uncertain]).toEqual(['windows-1252', []]);
  });
});
