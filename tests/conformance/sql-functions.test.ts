import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMS, RENAMED, SAME, SYNTAX } from '@granary/embedded-aws/athena/athena-functions';
import { MACROS } from '@granary/embedded-aws/athena/athena-macros';
import { FUNCTION_NAMES } from '@granary/sql/checking/functions';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync(join(import.meta.dirname, '../../docs/sql.md'), 'utf8');
const [, section = ''] = page.split('### Functions on one machine');
const namesIn = (text: string): string[] => [...text.matchAll(/`([a-z][a-z0-9_]*)`/g)].map(([, name]) => name);
const lineOf = (word: string): string[] =>
  namesIn(section.split('\n').find((line) => line.startsWith(`* **${word}**`)) ?? '');
const [table = ''] = (section.split('| function | how |')[1] ?? '').split('\n\n');
const differs = table.split('\n').flatMap((row) => namesIn(row.split('|')[1] ?? ''));

const isAnswered = (name: string): boolean => [SAME, SYNTAX, FORMS, RENAMED, MACROS].some((known) => known.has(name));

describe('S2: docs/sql.md says of every function what it does on one machine', () => {
  const [same, refused] = [lineOf('same'), lineOf('refused')];

  it('each once, and none that may not be called', () => {
    const all = [...same, ...refused, ...differs];
    expect(all.sort()).toEqual([...FUNCTION_NAMES].sort());
  });

  it('and it is so: what is refused is in no list of the engine, all others are', () => {
    expect(refused.filter(isAnswered)).toEqual([]);
    expect([...same, ...differs].filter((name) => !isAnswered(name))).toEqual([]);
  });
});
