import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';

type Kind = 'read' | 'write';
/** Units a second. */
type Limits = Record<Kind, number>;
export type Throttled = { table: string; kind: Kind };

const READS = new Set(['GetItem', 'Query', 'Scan', 'BatchGetItem']);
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
const kindOf = (operation: string): Kind | undefined =>
  READS.has(operation) ? 'read' : WRITES.has(operation) ? 'write' : undefined;

type Body = {
  TableName?: string;
  BillingMode?: string;
  ProvisionedThroughput?: { ReadCapacityUnits: number; WriteCapacityUnits: number };
  RequestItems?: Record<string, unknown>;
};

/**
 * What dynalite leaves out: a table that UpdateTable gave a throughput refuses what is beyond it, until UpdateTable
 * makes it on demand again. A request is one unit, whatever its size, and a second's units are all that is saved up.
 * Limits are kept under `dir`.
 */
export const openThroughput = (options: {
  dir: string;
  now: () => number;
  onThrottle: (throttled: Throttled) => void;
}) => {
  const { dir, now, onThrottle } = options;
  const path = join(dir, 'throughput.json');
  const limits = new Map<string, Limits>(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []);
  const buckets = new Map<string, { left: number; at: number }>();
  const save = () => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeAtomically(path, JSON.stringify([...limits]));
  };

  const take = (table: string, kind: Kind, most: number): boolean => {
    const key = `${table}/${kind}`;
    const at = now();
    const bucket = buckets.get(key) ?? { left: most, at };
    const left = Math.min(most, bucket.left + ((at - bucket.at) / 1000) * most);
    buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
    return left >= 1;
  };

  return {
    /** Whether the body of such a request has to be read: on demand, nobody counts. */
    looksAt: (operation: string): boolean =>
      operation === 'UpdateTable' || (limits.size > 0 && kindOf(operation) !== undefined),
    /** Whether the request is refused for now. */
    refuses(operation: string, body: Body): boolean {
      const kind = kindOf(operation);
      if (!kind) return false;
      for (const table of body.TableName ? [body.TableName] : Object.keys(body.RequestItems ?? {})) {
        const limit = limits.get(table);
        if (!limit || take(table, kind, limit[kind])) continue;
        onThrottle({ table, kind });
        return true;
      }
      return false;
    },
    /** Of an UpdateTable that was done. */
    changed({ TableName = '', BillingMode, ProvisionedThroughput: given }: Body): void {
      if (BillingMode === 'PAY_PER_REQUEST') limits.delete(TableName);
      else if (given) limits.set(TableName, { read: given.ReadCapacityUnits, write: given.WriteCapacityUnits });
      else return;
      save();
    },
  };
};
