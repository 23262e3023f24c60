import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Golden } from './answers.ts';
import type { CorpusTable } from './local-engine.ts';

const TYPES: Readonly<Record<string, string>> = {
  int32: 'integer',
  int64: 'bigint',
  string: 'varchar',
  timestamp: 'timestamp(3)',
};

const literal = (value: string | number | boolean | null, type: string): string => {
  if (value === null) return 'null';
  if (type === 'double') return Number(value).toExponential();
  if (type === 'date') return `DATE '${value}'`;
  if (type === 'timestamp') return `TIMESTAMP '${String(value).replace('T', ' ').replace('Z', '')}'`;
  return type === 'string' ? `'${String(value).replaceAll("'", "''")}'` : String(value);
};

/** The statements that make the corpus' table in Trino. */
const setUp = ({ columns, rows }: CorpusTable): string[] => {
  const rowOf = (row: CorpusTable['rows'][number]) =>
    `(${row.map((value, n) => literal(value, columns[n][1])).join(', ')})`;
  return [
    `CREATE TABLE wines (${columns.map(([name, type]) => `${name} ${TYPES[type] ?? type}`).join(', ')})`,
    `INSERT INTO wines VALUES ${rows.map(rowOf).join(', ')}`,
  ];
};

const OPTIONS =
  '-Xmx1500m -XX:+UseSerialGC --add-modules jdk.incubator.vector --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED';

/**
 * What Trino makes of each statement. `java` runs Oracle.java, which is among `classes`; it ends with the last answer.
 */
export const askTrino = async (
  { java, classes }: { java: string; classes: string },
  table: CorpusTable,
  statements: readonly string[],
): Promise<Golden[]> => {
  const child = spawn(java, [...OPTIONS.split(' '), '-cp', classes, 'Oracle'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4000);
  });
  const first = setUp(table);
  child.stdin.end([...first, ...statements].map((sql) => `${JSON.stringify({ sql })}\n`).join(''));
  const answers: object[] = [];
  for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line));
  const failed = answers.slice(0, first.length).find((answer) => 'error' in answer);
  if (failed || answers.length !== first.length + statements.length)
    throw new Error(`Trino gave ${answers.length} answers. ${JSON.stringify(failed ?? '')} ${words}`);
  return statements.map((sql, n) => ({ sql, ...answers[first.length + n] }) as Golden);
};
