/** One contender of bench/inspect.ts: looks at the first files of a folder and prints `{ cpu_ms, refused }`. */
import { join } from 'node:path';

const [contender, folder, count] = process.argv.slice(2);
const paths = Array.from({ length: Number(count) }, (_, index) => join(folder!, `${index}.csv`));

/** Whether the file could be read. */
type Look = (path: string) => Promise<boolean>;

const CONTENDERS: Readonly<Record<string, () => Promise<Look>>> = {
  async granary() {
    const { inspectFile } = await import('../packages/cli/src/inspect.ts');
    return async (path) => (await inspectFile(path, path)).tables.length > 0;
  },
  async duckdb() {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    return async (path) => {
      try {
        await connection.runAndReadAll(`SELECT * FROM sniff_csv('${path}')`);
        await connection.runAndReadAll(`SUMMARIZE SELECT * FROM read_csv('${path}')`);
        return true;
      } catch {
        return false;
      }
    };
  },
};

const look = await CONTENDERS[contender!]!();
// What is loaded with the first file is no part of the work.
await look(paths[0]!);
const begun = process.cpuUsage();
let refused = 0;
for (const path of paths) if (!(await look(path))) refused++;
const { user, system } = process.cpuUsage(begun);
console.log(JSON.stringify({ cpu_ms: (user + system) / 1000, refused }));
