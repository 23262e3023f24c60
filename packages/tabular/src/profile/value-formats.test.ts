import { describe, expect, it } from '@jest/globals';
import { countryCodes } from './country-codes.ts';
import { createFormatCheck, formatOfNumbers, type ValueFormat } from './value-formats.ts';

const formatOf = (name: string, ...values: readonly string[]): ValueFormat | null => {
  const check = createFormatCheck();
  for (const value of values) check.see(value);
  return check.format(name, new Set(values).size);
};

describe('The format of a column', () => {
  it.each<[ValueFormat, string, string[]]>([
    ['email', 'contact', ['ana@example.org', 'rui.silva+x@mail.example.com.br']],
    ['url', 'link', ['https://example.org/a?b=1', 'http://localhost:80']],
    ['uuid', 'id', ['6f1c9d2e-7a52-4b8e-9a60-0d3a2f1b4c5d', '6F1C9D2E-7A52-4B8E-9A60-0D3A2F1B4C5D']],
    ['iso_country_2', 'country_code', ['BR', 'PT']],
    ['iso_country_3', 'pais', ['BRA', 'PRT']],
    ['postal_code', 'codigo_postal', ['1000-001', '4000-123']],
    ['postal_code', 'cep', ['95700-000', '01310-100']],
    ['postal_code', 'plz', ['01067', '99999']],
    ['postal_code', 'postcode', ['SW1A 1AA', 'M1 1AE']],
    ['latitude', 'latitude', ['-29.17', '41']],
    ['longitude', 'lon', ['-151.2', '179.99']],
    ['year', 'ano', ['1970', '2024']],
    ['boolean_words', 'exporta', ['Sim', 'Não']],
    ['boolean_words', 'ativo', ['oui', 'non', 'OUI']],
    ['boolean_words', 'offen', ['ja', 'nein']],
    ['boolean_words', 'x', ['да', 'нет']],
    ['boolean_words', 'flag', ['Y', 'N']],
  ])('is %s where every value has it: %s', (format, name, values) => {
    expect(formatOf(name, ...values)).toBe(format);
    expect(formatOf(name, ...values, 'something else')).toBeNull();
    expect(formatOf(name, ...values, '')).toBeNull();
  });

  it('is none where the form alone would fit other things and the name does not say so', () => {
    expect(formatOf('state', 'AL', 'AR', 'CA')).toBeNull();
    expect(formatOf('code', '01067', '99999')).toBeNull();
    expect(formatOf('share', '12.5', '80')).toBeNull();
    expect(formatOf('number', '1970', '2024')).toBeNull();
  });

  it('is none of one word alone, of postal codes of several kinds, and of no values', () => {
    expect(formatOf('answer', 'no')).toBeNull();
    expect(formatOf('cep', '95700-000', 'SW1A 1AA')).toBeNull();
    expect(formatOf('country')).toBeNull();
  });

  it('is country codes without their name where there are many of them', () => {
    expect(formatOf('code', ...[...countryCodes().two].slice(0, 20))).toBe('iso_country_2');
    expect([countryCodes().two.size, countryCodes().three.size]).toEqual([249, 249]);
  });

  it('of numbers is told by name and bounds', () => {
    expect(formatOfNumbers('year', 1970, 2024, true)).toBe('year');
    expect(formatOfNumbers('year', 70, 2024, true)).toBeNull();
    expect(formatOfNumbers('quantity', 1970, 2024, true)).toBeNull();
    expect(formatOfNumbers('lat', -90, 90, false)).toBe('latitude');
    expect(formatOfNumbers('lat', -91, 90, false)).toBeNull();
    expect(formatOfNumbers('lng', -180, 180, false)).toBe('longitude');
  });

  it('of a text of megabytes is found at once', () => {
    for (const text of [`http://${'a'.repeat(2 ** 21)} `, `${'a'.repeat(2 ** 21)}@`, '1'.repeat(2 ** 21)])
      expect(formatOf('c', text)).toBeNull();
  });
});
