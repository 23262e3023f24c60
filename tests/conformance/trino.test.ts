import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseType } from '@granary/sql/checking/analysis/parse-type';
import { checkMeaning, checkSql } from '@granary/sql/checking/check-sql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  differenceOf,
  type Golden,
  readCorpus,
  readDifferences,
  readGolden,
} from '../oracles/trino/answers.ts';
import { corpusTable, openLocalEngine } from '../oracles/trino/local-engine.ts';

const TYPES: Readonly<Record<string, string>> = { int32: 'integer', int64: 'bigint', string: 'varchar' };
const table = corpusTable();
const columns = table.columns.map(([name, type]) => ({ name, type: parseType(TYPES[type] ?? type), of: undefined }));
const wines = new Map([['wines', { columns, open: false }]]);

let engine: ReturnType<typeof openLocalEngine>;
beforeAll(() => {
  engine = openLocalEngine(table);
});
afterAll(() => engine.close());

/** As `/v1/query` asks it: read and checked, then answered by the embedded engine. */
const ask = async (sql: string): Promise<Answer> => {
  try {
    const { query, sql: written } = checkSql(sql, {});
    checkMeaning(query, wines);
    return await engine.ask(written);
  } catch (error) {
    return { error: (error as Error).message };
  }
};

const golden = readGolden();
const answers = new Map<Golden, Answer>();
const answered = async () => {
  if (answers.size === 0) for (const one of golden) answers.set(one, await ask(one.sql));
  return golden.map((one) => [one, answers.get(one) as Answer] as const);
};

describe('S1–S4: SQL on one machine beside what Trino answered', () => {
  it('has its answer to every statement of the corpus', () => {
    expect(golden.map(({ sql }) => sql)).toEqual(readCorpus());
    expect(golden.length).toBeGreaterThan(300);
  });

  it('is refused, answered, typed and valued the same, but for the documented differences', async () => {
    const differences = readDifferences();
    const found = (await answered()).map(([one, answer]) => [one.sql, differenceOf(one, answer)] as const);
    expect(found.filter(([sql, difference]) => difference !== undefined && !differences.has(sql))).toEqual([]);
    // What is not different any more is taken off the list.
    const same = new Set(found.filter(([, difference]) => difference === undefined).map(([sql]) => sql));
    expect([...differences.keys()].filter((sql) => same.has(sql))).toEqual([]);
  }, 720_000);

  it('refuses what it does not answer as Trino does, unless docs/sql.md says what is otherwise', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/sql.md'), 'utf8');
    for (const reason of new Set(readDifferences().values())) expect(page).toContain(reason);
  });
});
