import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toIdentifier, uniqueIdentifiers } from './identifier.ts';

describe('toIdentifier', () => {
  it('spells names with lower-case ASCII letters, digits and underscores', () => {
    expect(toIdentifier('Production végétale 2010-2022')).toBe('production_vegetale_2010_2022');
    expect(toIdentifier(' Código  do País ')).toBe('codigo_do_pais');
    expect(toIdentifier('Œuvre/Straße')).toBe('oeuvre_strasse');
    expect(toIdentifier('السنة')).toBe('');
  });

  it('leaves identifiers alone', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const identifier = toIdentifier(name);
        expect(identifier).toMatch(/^([a-z0-9]+(_[a-z0-9]+)*)?$/);
        expect(toIdentifier(identifier)).toBe(identifier);
      }),
    );
  });
});

describe('uniqueIdentifiers', () => {
  it('gives later twins a suffix that no other name has', () => {
    expect(uniqueIdentifiers(['Année', 'annee', 'Annee_2', 'ANNEE', '', ''])).toEqual([
      'annee',
      'annee_3',
      'annee_2',
      'annee_4',
      'column_5',
      'column_6',
    ]);
  });

  it('never repeats a name', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '_', '2', ' '), maxLength: 4 })), (names) => {
        expect(new Set(uniqueIdentifiers(names)).size).toBe(names.length);
      }),
    );
  });
});
