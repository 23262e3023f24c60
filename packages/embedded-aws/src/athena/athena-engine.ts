import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { LookUpTables } from '../glue/glue.ts';
import { QueryCancelled } from './athena-failures.ts';
import { type MemoryLimits, memoryLimits } from './athena-memory.ts';
import type { HeldTable } from './athena-messages.ts';
import type { AthenaObjects, LocalObject } from './athena-objects.ts';
import { type EngineProcess, startEngineProcess } from './athena-process.ts';
import type { Stop } from './athena-query.ts';
import { QueryFailure } from './athena-sql.ts';
import { planTable } from './athena-tables.ts';
import type { ResultColumn } from './athena-values.ts';

export type EngineQuery = { id: string; sql: string; database: string; cutoff: number | undefined; stop: Stop };
export type EngineAnswer = { path: string; columns: readonly ResultColumn[] };

const LARGEST_SPILL = 8 * 2 ** 30;
/** A process without a query is kept so long. */
const IDLE_MS = 60_000;

/**
 * SQL by DuckDB in processes of their own ({@link startEngineProcess}), one for each query that runs at once: what a
 * query takes cannot be taken from whoever else runs on the machine, and can be ended. They are started when they are
 * needed, so an idle stack has none.
 */
export const openEngine = (options: {
  /** for spilling and results, a folder for each query; removed at the start */
  dir: string;
  tables: LookUpTables;
  objects: AthenaObjects;
  onFailure: (error: Error) => void;
  duckdb?: string;
  limits?: MemoryLimits;
}) => {
  const { dir, tables, objects, onFailure, duckdb = '@duckdb/node-api', limits = memoryLimits() } = options;
  rmSync(dir, { recursive: true, force: true });

  const all = new Set<EngineProcess>();
  const idle: { engine: EngineProcess; timer: NodeJS.Timeout }[] = [];
  let closed = false;

  const end = async (engine: EngineProcess) => {
    await engine.end();
    all.delete(engine);
  };
  const take = (): EngineProcess => {
    if (closed) throw new QueryCancelled();
    for (let one = idle.pop(); one; one = idle.pop()) {
      clearTimeout(one.timer);
      if (one.engine.isAlive()) return one.engine;
      all.delete(one.engine);
    }
    const engine = startEngineProcess({ limits, module: duckdb, onFailure });
    all.add(engine);
    return engine;
  };
  const giveBack = async (engine: EngineProcess) => {
    if (!(await engine.isFit()) || closed) return end(engine);
    const drop = () => {
      idle.splice(
        idle.findIndex((one) => one.engine === engine),
        1,
      );
      void end(engine);
    };
    idle.push({ engine, timer: setTimeout(drop, IDLE_MS).unref() });
  };

  /**
   * The result of a query as a file, which whoever called removes by {@link discard}. `scanned` is told the bytes of
   * its tables' objects before they are read: whole objects, where Athena counts the columns that it reads. Throws
   * QueryFailure and QueryCancelled.
   */
  const run = async (query: EngineQuery, scanned: (bytes: number) => void): Promise<EngineAnswer> => {
    const { id, sql, database, cutoff, stop } = query;
    const folder = join(dir, id);
    mkdirSync(folder, { recursive: true });
    const catalog = tables(database);
    const held: LocalObject[] = [];

    const hold = async (names: readonly string[]): Promise<HeldTable[]> => {
      const plan = async (name: string) => {
        const table = catalog?.table(name);
        if (!table) throw new QueryFailure(`TABLE_NOT_FOUND: Table '${name}' does not exist`);
        return planTable(name, table, objects);
      };
      const plans = await Promise.all(names.map(plan));
      const bytes = plans.flatMap(({ files }) => files).reduce((sum, file) => sum + file.bytes, 0);
      if (cutoff !== undefined && bytes > cutoff) throw new QueryCancelled('Bytes scanned limit was exceeded');
      scanned(bytes);
      const found: HeldTable[] = [];
      for (const plan of plans) {
        const copies: LocalObject[] = [];
        for (const file of plan.files) {
          if (stop.asked) throw new QueryCancelled();
          const copy = await objects.hold(file, file);
          held.push(copy);
          copies.push(copy);
        }
        found.push({ plan, copies });
      }
      return found;
    };

    const { bavail, bsize } = statfsSync(folder);
    const spill = Math.min(LARGEST_SPILL, Math.floor((bavail * bsize) / 4));
    const engine = take();
    try {
      const columns = await engine.ask(
        { sql, database, tables: catalog?.names(), folder, limits: { memory: limits.duckdb, spill } },
        hold,
        stop,
      );
      return { path: join(folder, 'result.csv'), columns };
    } finally {
      for (const { path } of held) objects.release(path);
      await giveBack(engine);
    }
  };

  return {
    run,
    discard: (id: string) => rmSync(join(dir, id), { recursive: true, force: true }),
    /** Ends every process, in the middle of a query too. */
    async close(): Promise<void> {
      closed = true;
      for (const { timer } of idle.splice(0)) clearTimeout(timer);
      await Promise.all([...all].map(end));
    },
    /** Of the processes there are just now. */
    pids: (): number[] => [...all].flatMap((engine) => (engine.isAlive() ? (engine.pid ?? []) : [])),
  };
};

export type Engine = ReturnType<typeof openEngine>;
