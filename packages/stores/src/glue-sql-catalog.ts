import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateTableCommand,
  GetTableCommand,
  type GlueClient,
  type Table,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import type { DatasetId } from '@granary/domain/dataset';
import { TooManyRequests } from '@granary/domain/errors';
import type { SqlCatalog, SqlTimes } from '@granary/domain/ports/sql-catalog';
import { jittered } from '@granary/domain/rules/backoff';
import { type SqlTable, sqlTableName } from '@granary/domain/sql-table';
import { historyOf, latestOf, tableInput, type UriOf } from './glue-tables.ts';

export type GlueSqlCatalogOptions = {
  client: Pick<GlueClient, 'send'>;
  database: string;
  /** The bucket of the data. */
  bucket: string;
  sleep?: (ms: number) => Promise<unknown>;
};

const ATTEMPTS = 6;
const BACKOFF_MS = { base: 100, cap: 2_000 };

/**
 * Tables of a Glue database, in the form that Athena reads ({@link ./glue-tables.ts}). What somebody else made under
 * one of their names is none, and is replaced.
 */
export const makeGlueSqlCatalog = ({
  client,
  database: DatabaseName,
  bucket,
  sleep = pause,
}: GlueSqlCatalogOptions): SqlCatalog & SqlTimes => {
  const uriOf: UriOf = (key) => `s3://${bucket}/${key}`;

  const get = async (Name: string): Promise<Table | undefined> => {
    const found = await unless('EntityNotFoundException', client.send(new GetTableCommand({ DatabaseName, Name })));
    return found?.Table;
  };
  const named = (kind: SqlTable['kind'], dataset: DatasetId) => get(sqlTableName({ kind, dataset }));

  /**
   * False when there is no such table. An archive of what it was before would grow without end, and is of no use: the
   * versions are all there.
   */
  const update = async (table: SqlTable): Promise<boolean> => {
    const TableInput = tableInput(table, uriOf);
    const updating = client.send(new UpdateTableCommand({ DatabaseName, TableInput, SkipArchive: true }));
    return (await unless('EntityNotFoundException', updating)) !== undefined;
  };
  /** False when somebody else was faster. */
  const create = async (table: SqlTable): Promise<boolean> => {
    const creating = client.send(new CreateTableCommand({ DatabaseName, TableInput: tableInput(table, uriOf) }));
    return (await unless('AlreadyExistsException', creating)) !== undefined;
  };

  return {
    uriOf,
    getLatest: async (dataset) => latestOf(await named('latest', dataset), dataset, uriOf),
    getHistory: async (dataset) => historyOf(await named('history', dataset), dataset, uriOf),
    async putTable(table) {
      for (let attempt = 1; ; attempt++) {
        try {
          if ((await update(table)) || (await create(table))) return;
          if (attempt >= ATTEMPTS) throw new Error(`The table '${sqlTableName(table)}' comes and goes in Glue`);
        } catch (error) {
          // Glue refuses the second of two writes of a table at once.
          if (!isNamed(error, 'ConcurrentModificationException') || attempt >= ATTEMPTS) throw error;
        }
        await sleep(jittered(attempt, BACKOFF_MS, Math.random));
      }
    },
    async changedAt(name) {
      const table = await get(name).catch((error) => {
        if (!isNamed(error, 'ThrottlingException')) throw error;
        const busy = new TooManyRequests('The catalog of tables is throttling. Ask again in a few seconds.');
        busy.headers = { 'Retry-After': '5' };
        throw busy;
      });
      return (table?.UpdateTime ?? table?.CreateTime)?.getTime();
    },
  };
};

const isNamed = (error: unknown, name: string): boolean => (error as Error).name === name;

/** Undefined in the place of an error of this name. */
const unless = async <Answer>(name: string, answering: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await answering;
  } catch (error) {
    if (isNamed(error, name)) return undefined;
    throw error;
  }
};
