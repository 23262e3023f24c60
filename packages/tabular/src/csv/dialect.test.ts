import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWith, samples } from '@granary/local/testing/wanted';
import { describe, expect, it } from '@jest/globals';
import { sniffDialect } from './dialect.ts';

const sniff = (text: string) => sniffDialect(Buffer.from(text));

describe('sniffDialect', () => {
  it('takes the first record of a file without header for data', () => {
    const dialect = sniff('1;VINHO DE MESA;VINHO DE MESA;217208604;154264651\n2;vm_Tinto;Tinto;174224052;121133369\n');
    expect(dialect).toMatchObject({ delimiter: ';', header_line: null });
    expect(sniff('1;VINHO DE MESA;VINHO DE MESA;217208604;154264651\n').header_line).toBeNull();
    expect(sniff('x;nd;*\ny;1;2\nz;3;4\n').header_line).toBeNull();
  });

  it('takes a record of names and years for the header', () => {
    expect(sniff('id;control;produto;1970;1971\n1;VINHO DE MESA;VINHO DE MESA;217208604;154264651\n').header_line).toBe(
      1,
    );
    expect(sniff('Id\tPaís\t1970\t1970\t1971\t1971\n1\tAfrica\t0\t0\t5\t9\n')).toMatchObject({
      delimiter: '\t',
      header_line: 1,
    });
    expect(sniff('nom,ville\nJosé,Rabat\nAnne,Fès\n').header_line).toBe(1);
    expect(sniff('id;control;produto;1970;1971\n').header_line).toBe(1);
  });

  it('passes over titles and blank lines before the header', () => {
    expect(sniff('Produção de vinhos\n\n;;;\nid;nome;valor;ano\n1;a;2;1970\n2;b;3;1971\n').header_line).toBe(4);
  });

  it('finds the delimiter although figures have decimal commas and names have commas', () => {
    expect(sniff('1,5;2,5\n1,6;2,7\n')).toMatchObject({ delimiter: ';', decimal: ',' });
    expect(sniff('id;nome;x\n1;Silva, João;1,5\n2;Souza, Ana;2,25\n')).toMatchObject({ delimiter: ';', decimal: ',' });
    expect(sniff('id,name,a,b\n1,Iran, Islamic Republic,1,2\n2,Peru,3,4\n3,Chile,5,6\n4,Cuba,7,8\n')).toMatchObject({
      delimiter: ',',
    });
    expect(sniff('a|b\n"x|y"|2\n')).toMatchObject({ delimiter: '|' });
  });

  it('knows line ends, also those inside quotes', () => {
    expect(sniff('a,b\r\n1,2\r\n').newline).toBe('\r\n');
    expect(sniff('a,b\r1,2\r').newline).toBe('\r');
    expect(sniff('a,b\n1,2\n').newline).toBe('\n');
  });

  it('leaves inch signs alone in a file that does not quote', () => {
    expect(sniff('id\tpipe\tn\n1\t"2 inch\t7\n2\t3"\t8\n3\t4\t9\n').quote).toBeNull();
    expect(sniff('id,pipe\n1,"a, b"\n').quote).toBe('"');
  });

  it('finds marks of decimals and thousands', () => {
    expect(sniff('a;b\nx;1.234.567,8\ny;1.000\n')).toMatchObject({ decimal: ',', thousands: '.' });
    expect(sniff('a;b\nx;1,234,567\ny;12,000\n')).toMatchObject({ decimal: '.', thousands: ',' });
    expect(sniff('a;b\nx;1 234 567,5\ny;2\n')).toMatchObject({ decimal: ',', thousands: ' ' });
    expect(sniff('a;b\nx;35881118,23\ny;12345\n')).toMatchObject({ decimal: ',', thousands: null });
    expect(sniff('a;b\nx;0.123\ny;12345\n')).toMatchObject({ decimal: '.', thousands: null });
    expect(sniff('a;b\nx;1.234\ny;12.500\n')).toMatchObject({ decimal: ',', thousands: '.' });
  });

  it('knows encodings, byte order marks and text encoded twice', () => {
    expect(sniffDialect(Buffer.from([0x61, 0x3b, 0xe3, 0x0a, 0x62, 0x3b, 0xe9, 0x0a]))).toMatchObject({
      encoding: 'windows-1252',
      bom: false,
    });
    expect(sniff('\ufeffa;b\n1;2\n')).toMatchObject({ encoding: 'utf-8', bom: true, header_line: 1 });
    expect(sniffDialect(Buffer.from('\ufeffa;é\n1;2\n', 'utf16le'))).toMatchObject({
      encoding: 'utf-16le',
      bom: true,
      delimiter: ';',
    });
    expect(sniffDialect(Buffer.from('name;value\nx;2\n', 'utf16le'))).toMatchObject({
      encoding: 'utf-16le',
      bom: false,
      delimiter: ';',
    });
    expect(sniff('paÃ­s;produÃ§Ã£o\nÃ\u0081frica;1\n')).toMatchObject({ encoding: 'utf-8', mojibake: true });
    expect(sniff('país;SÃO\nÁfrica;1\n')).toMatchObject({ encoding: 'utf-8', mojibake: false });
  });

  it('does not mind a character that the sample cuts in two', () => {
    const bytes = Buffer.from('a;b\n1;é');
    expect(sniffDialect(bytes.subarray(0, bytes.length - 1)).encoding).toBe('utf-8');
  });

  it('never throws, on nothing and on binaries', () => {
    expect(sniffDialect(new Uint8Array(0))).toMatchObject({ delimiter: ',', header_line: null });
    expect(() => sniffDialect(Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))).not.toThrow();
    expect(sniff('one\ntwo\nthree\n')).toMatchObject({ delimiter: ',' });
  });

  itWith(samples('data/embrapa'), 'reads the real samples as they are', (folder) => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.csv'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const dialect = sniffDialect(readFileSync(join(folder, file)));
      expect(dialect).toMatchObject({ encoding: 'utf-8', header_line: 1, thousands: null, newline: '\n' });
      expect([';', '\t']).toContain(dialect.delimiter);
    }
  });
});
