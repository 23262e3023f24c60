/** What the embedded AWS and a process of DuckDB say to each other. One query at a time. */
import type { LocalObject } from './athena-objects.ts';
import type { TablePlan } from './athena-tables.ts';
import type { ResultColumn } from './athena-values.ts';

/** A table with the copies of its objects, in the order of the plan's files. */
export type HeldTable = { plan: TablePlan; copies: readonly LocalObject[] };

export type RunQuery = {
  sql: string;
  /** undefined: it does not exist. */
  tables: readonly string[] | undefined;
  database: string;
  /** Of its own, which is there: for spilling and for `result.csv`. */
  folder: string;
  /** Bytes. */
  limits: { memory: number; spill: number };
};

export type EngineRequest =
  | { kind: 'run'; query: RunQuery }
  | { kind: 'tables'; tables: readonly HeldTable[] }
  | { kind: 'stop' };

export type EngineReply =
  /** It needs these tables; `tables` is the answer. */
  | { kind: 'tables'; names: readonly string[] }
  | { kind: 'answer'; columns: readonly ResultColumn[] }
  | { kind: 'cancelled' }
  /** `cause`: what really happened, where `message` does not tell. */
  | { kind: 'failed'; by: 'user' | 'system'; message: string; cause: string };
