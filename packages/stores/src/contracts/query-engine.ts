import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { InvalidRequest } from '@granary/domain/errors';
import type { QueryEngine, QueryStatus } from '@granary/domain/ports/query-engine';
import { describe, expect, it } from '@jest/globals';
import type { MemoryResult } from '../memory-query-engine.ts';

const numbers = (count: number): MemoryResult & { sql: string } => {
  const rows = Array.from({ length: count }, (_, index) => [String(index + 1)]);
  const values = rows.map(([n]) => `(${n})`).join(', ');
  return {
    sql: `SELECT n FROM (VALUES ${values}) AS t (n) ORDER BY n`,
    columns: [{ name: 'n', type: 'integer' }],
    rows,
  };
};

const TYPED: MemoryResult & { sql: string } = {
  sql: `SELECT CAST(9007199254740993 AS BIGINT) AS big, CAST(1.5 AS DOUBLE) AS half, CAST(12.30 AS DECIMAL(10,2)) AS price, TRUE AS yes, 'a "b", ç' AS word, '' AS nothing, CAST(NULL AS INTEGER) AS none, CAST('1970-01-31' AS DATE) AS day, CAST('2020-01-02 03:04:05' AS TIMESTAMP) AS moment`,
  columns: [
    { name: 'big', type: 'bigint' },
    { name: 'half', type: 'double' },
    { name: 'price', type: 'decimal(10,2)' },
    { name: 'yes', type: 'boolean' },
    { name: 'word', type: 'varchar' },
    { name: 'nothing', type: 'varchar' },
    { name: 'none', type: 'integer' },
    { name: 'day', type: 'date' },
    { name: 'moment', type: 'timestamp' },
  ],
  rows: [['9007199254740993', '1.5', '12.30', 'true', 'a "b", ç', '', null, '1970-01-31', '2020-01-02 03:04:05.000']],
};

const UNFIT: MemoryResult & { sql: string } = {
  sql: 'SELECT nowhere FROM (VALUES (1)) AS t (n)',
  failure: { by: 'query', message: "COLUMN_NOT_FOUND: line 1:8: Column 'nowhere' cannot be resolved" },
};

const THOUSAND = Array.from({ length: 1000 }, (_, index) => `(${index})`).join(', ');
/** A trillion rows to look at. */
const SLOW: MemoryResult & { sql: string } = {
  sql: `WITH v (n) AS (VALUES ${THOUSAND}) SELECT count(*) AS found FROM v a, v b, v c, v d WHERE (a.n * b.n + c.n * d.n) % 7 = 3`,
  ms: 3_600_000,
};

const known = [TYPED, UNFIT, SLOW, numbers(5), numbers(25), numbers(999), numbers(1000), numbers(1002)];

/** What a query of this suite gives, for engines that know no SQL. */
export const answerOfContract = (sql: string): MemoryResult => {
  const found = known.find((one) => one.sql === sql);
  if (!found) throw new InvalidRequest('Nobody said what that query gives.');
  return found;
};

/** What every QueryEngine does. */
export const queryEngineContract = (name: string, make: () => Promise<QueryEngine>): void => {
  const start = async (engine: QueryEngine, sql: string, reuse_minutes = 0): Promise<string> =>
    engine.start({ sql, reuse_minutes });
  const ended = async (engine: QueryEngine, id: string): Promise<QueryStatus> => {
    for (let asked = 0; asked < 500; asked++) {
      const status = await engine.status(id);
      if (!status) throw new Error('The query is not known');
      if (status.state !== 'queued' && status.state !== 'running') return status;
      await setTimeout(20);
    }
    throw new Error('The query did not end');
  };

  describe(`${name} as a QueryEngine`, () => {
    it('runs a query and gives its columns, its values as texts, and null for none', async () => {
      const engine = await make();
      const id = await start(engine, TYPED.sql);
      const status = await ended(engine, id);
      expect(status).toMatchObject({ id, state: 'succeeded', reused: false, failure: null });
      expect(status.result).toMatch(/^exports\/queries\/.*\.csv$/);
      expect(Date.parse(status.ended_at as string)).toBeGreaterThanOrEqual(Date.parse(status.submitted_at));
      expect(status.duration_ms).toBeGreaterThanOrEqual(0);
      expect(await engine.page(id, { limit: 10 })).toEqual({ columns: TYPED.columns, rows: TYPED.rows, next: null });
    });

    it.each([
      [25, 10],
      [5, 1],
      [5, 5],
      [999, 1000],
      [1000, 1000],
      [1002, 1000],
    ])('gives %i rows in pages of %i, each row once, in order', async (count, limit) => {
      const engine = await make();
      const { sql, rows, columns } = numbers(count);
      const id = await start(engine, sql);
      await ended(engine, id);
      const found: (readonly (string | null)[])[] = [];
      const sizes: number[] = [];
      for (let from: string | undefined, more = true; more; ) {
        const page = await engine.page(id, { limit, from });
        expect(page.columns).toEqual(columns);
        found.push(...page.rows);
        sizes.push(page.rows.length);
        more = page.next !== null;
        from = page.next ?? undefined;
      }
      expect(found).toEqual(rows);
      expect(sizes[0]).toBe(Math.min(limit, count));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
    });

    it('has no page that begins where none does', async () => {
      const engine = await make();
      const id = await start(engine, numbers(5).sql);
      await ended(engine, id);
      for (const from of ['garbage', '-1', '999999999', '{}'])
        await expect(engine.page(id, { limit: 5, from })).rejects.toThrow(InvalidRequest);
    });

    it('says of a query that cannot be answered that it is at fault, and why', async () => {
      const engine = await make();
      try {
        const id = await start(engine, UNFIT.sql);
        const { state, failure, result } = await ended(engine, id);
        expect([state, failure?.by, result]).toEqual(['failed', 'query', null]);
        expect(failure?.message).toContain('nowhere');
      } catch (error) {
        // An engine may refuse at once.
        expect(error).toBeInstanceOf(InvalidRequest);
      }
    });

    it('knows no query that it did not start', async () => {
      expect(await (await make()).status(randomUUID())).toBeUndefined();
    });

    it('tells which are under way, and stops one once and again', async () => {
      const engine = await make();
      const id = await start(engine, SLOW.sql);
      expect((await engine.underWay()).map((status) => status.id)).toContain(id);
      await engine.stop(id);
      const status = await ended(engine, id);
      expect([status.state, status.failure, status.result]).toEqual(['cancelled', null, null]);
      await engine.stop(id);
      expect((await engine.underWay()).map((one) => one.id)).not.toContain(id);
    });

    it('leaves a query that has ended as it is when it is stopped', async () => {
      const engine = await make();
      const id = await start(engine, numbers(5).sql);
      await ended(engine, id);
      await engine.stop(id);
      expect((await engine.status(id))?.state).toBe('succeeded');
    });

    it('gives an earlier result again only where that is allowed', async () => {
      const engine = await make();
      const { sql, rows } = numbers(5);
      await ended(engine, await start(engine, sql));
      const again = await start(engine, sql, 60);
      expect((await ended(engine, again)).reused).toBe(true);
      expect((await engine.page(again, { limit: 10 })).rows).toEqual(rows);
      expect((await ended(engine, await start(engine, sql))).reused).toBe(false);
    });
  });
};
