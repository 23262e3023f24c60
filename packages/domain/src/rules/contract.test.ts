import type { Field } from '@granary/tabular/table';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contractBreaches, discardedColumns, nextSemver, type TableContract } from './contract.ts';

const field = (name: string, type: Field['type'] = 'string', nullable = true): Field => ({ name, type, nullable });
const [place, level, unit] = [field('place'), field('level', 'int32'), field('unit')];
const before = { version: 3, fields: [place, level] };
const breaches = (after: readonly Field[], contract?: TableContract, declared?: readonly Field[]) =>
  contractBreaches(after, before, { contract, declared });

describe('A contract', () => {
  it('lets columns come, and has lost columns and changed types held, where nothing is declared', () => {
    expect(breaches([place, level, unit])).toEqual([]);
    expect(breaches([place])).toEqual(['It has no column level, which version 3 has.']);
    expect(breaches([place, field('level')])).toEqual([
      'Its column level is of type string, and of type int32 in version 3.',
    ]);
  });

  it('says of each kind of change what it does', () => {
    expect(breaches([place, level, unit], { new_columns: 'freeze' })).toEqual([
      'It has a column unit, which version 3 does not have.',
    ]);
    expect(breaches([place], { lost_columns: 'evolve' })).toEqual([]);
    expect(breaches([place, field('level')], { changed_types: 'evolve' })).toEqual([]);
  });

  it('does not keep off what is declared: it is there on purpose', () => {
    expect(breaches([place, field('level'), unit], { new_columns: 'freeze' }, [field('level'), unit])).toEqual([]);
    expect(breaches([place, field('level', 'double')], {}, [field('level')])).toHaveLength(1);
  });

  it('discards new columns that nobody declared, and none of a first version', () => {
    const contract = { new_columns: 'discard' } as const;
    const found = [place, level, unit, field('note')];
    const of = { before: before.fields, contract };
    expect(discardedColumns(found, { ...of, declared: [] })).toEqual(['unit', 'note']);
    expect(discardedColumns(found, { ...of, declared: [unit] })).toEqual(['note']);
    expect(discardedColumns(found, { contract, declared: [] })).toEqual([]);
    expect(discardedColumns(found, { before: before.fields, declared: [] })).toEqual([]);
  });
});

describe('The semantic version of a table', () => {
  const of = (fields: readonly Field[], key: readonly string[] = [], semver?: string) => ({ fields, key, semver });
  it.each([
    ['the first one', undefined, of([place]), '1.0.0'],
    ['other rows', of([place], [], '1.2.3'), of([place]), '1.2.4'],
    ['a column more', of([place], [], '1.2.3'), of([place, unit]), '1.3.0'],
    ['a wider type', of([level], [], '1.2.3'), of([field('level', 'double')]), '1.3.0'],
    [
      'a column that may be null now',
      of([field('a', 'int32', false)], [], '1.2.3'),
      of([field('a', 'int32')]),
      '1.3.0',
    ],
    ['a column less', of([place, unit], [], '1.2.3'), of([place]), '2.0.0'],
    ['a narrower type', of([field('level', 'double')], [], '1.2.3'), of([level]), '2.0.0'],
    ['another type', of([level], [], '1.2.3'), of([field('level')]), '2.0.0'],
    ['another key', of([place], ['place'], '1.2.3'), of([place]), '2.0.0'],
    ['one after a version of an earlier release', of([place]), of([place]), '1.0.1'],
  ])('of %s', (_what, earlier, later, expected) => {
    expect(nextSemver(earlier, later)).toBe(expected);
  });

  it('only grows', () => {
    const numbers = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99));
    const fields = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        type: fc.constantFrom('int32', 'double', 'string'),
        nullable: fc.boolean(),
      }),
      { selector: ({ name }) => name },
    ) as fc.Arbitrary<Field[]>;
    fc.assert(
      fc.property(numbers, fields, fields, (semver, earlier, later) => {
        const next = nextSemver(of(earlier, [], semver.join('.')), of(later))
          .split('.')
          .map(Number);
        const place = next.findIndex((one, index) => one !== semver[index]);
        expect(next[place]).toBeGreaterThan(semver[place]!);
      }),
    );
  });
});
