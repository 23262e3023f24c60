import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Grant, nameOf } from './grants.ts';

/** The lines of proven-elsewhere.txt. */
export const readProvenElsewhere = (): { line: string; speaksOf(grant: Grant): boolean }[] =>
  readFileSync(join(import.meta.dirname, 'proven-elsewhere.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id, action, place, why] = line.split(/ {2,}/);
      if (!id || !action || !place || !why)
        throw new Error(`proven-elsewhere.txt: '${line}' is no function, action, place and reason, two blanks apart.`);
      return {
        line,
        speaksOf: (grant) =>
          new RegExp(`^granary-\\w+-\\w+-${id}-[a-z]+-[a-z]+-\\d`).test(grant.role) &&
          grant.action === action &&
          nameOf(grant).includes(place),
      };
    });
