/** `npx granary …` and `npm run granary -- …`: what Granary makes of a file, without a stack. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parse, runCommand, UsageError } from '@granary/admin/arguments';
import { UserError } from '@granary/admin/user-error';
import { fetchFile } from './fetch-file.ts';
import { type Inspected, inspectFile, type Out } from './inspect.ts';
import { detailsOf, HEADING, lineOf } from './print-inspected.ts';
import { FORMATS, type Format } from './write-table.ts';

export const HELP = `granary inspect FILE|DIR|URL… [options]

Reads files as collecting would: CSV of any dialect, workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), JSON, NDJSON, GeoJSON, Parquet, and
gzip data and ZIP archives of these. It prints the tables of each, their columns and types, what is uncertain, and which rows would
be quarantined and why. Nothing is published, and no stack is needed. Of a directory, or of several files, it prints one line a file.

  --out DIR        write each table: <file>.csv, those after the first as <file>.2.csv, …
  --format FORMAT  ${FORMATS.join(', ')} (default: csv). Parquet has the columns line and processing_date too
  --details        print everything of each file, however many there are
  --json           print everything as JSON
  --help           show this text

Exit code: 0 when every file was read, 1 when one was refused or could not be opened, 2 for a command that makes no sense.

  npx granary inspect rain.csv
  npx granary inspect https://example.org/figures.xlsx --json
  npx granary inspect ~/Downloads --out tables --format ndjson`;

const OPTIONS = {
  out: { type: 'string' },
  format: { type: 'string' },
  details: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Asked = { path: string; name: string };

/** npm runs scripts in the root of the project; what is asked for lies where the command was given. */
const here = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);

const filesOf = async (argument: string): Promise<Asked[]> => {
  if (/^https?:\/\//.test(argument)) return [{ path: argument, name: argument }];
  const path = here(argument);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`'${argument}' cannot be read (${error.code}).`);
  });
  if (!found.isDirectory()) return [{ path, name: argument }];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file, name: file.slice(path.length + 1) }));
};

const inspectOne = async ({ path, name }: Asked, out: Out | undefined): Promise<Inspected> => {
  if (!/^https?:\/\//.test(path)) return inspectFile(path, name, out);
  const folder = await mkdtemp(join(tmpdir(), 'granary-fetched-'));
  try {
    const fetched = await fetchFile(path, folder);
    return await inspectFile(fetched.path, fetched.name, out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const formatOf = (name: string): Format => {
  const format = FORMATS.find((known) => known === name);
  if (format) return format;
  throw new UsageError(`There is no format '${name}'. The formats are ${FORMATS.join(', ')}.`);
};

/** Progress goes to a terminal only, and is wiped. */
const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text.slice(0, 100)}`);
};

export const main = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = parse(args, OPTIONS);
  const [command, ...targets] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  if (command !== 'inspect') throw new UsageError(`There is no command '${command}', only inspect.`);
  if (targets.length === 0) throw new UsageError('Which file? Name a file, a directory or an address.');
  const format = formatOf(values.format ?? 'csv');
  const out = values.out === undefined ? undefined : { folder: here(values.out), format };
  if (out) await mkdir(out.folder, { recursive: true });
  const files = (await Promise.all(targets.map(filesOf))).flat();
  if (files.length === 0) throw new UserError('There is no file in there.');
  const asLines = files.length > 1 && !values.json && !values.details;
  if (asLines) process.stdout.write(`${HEADING}\n`);
  const all: Inspected[] = [];
  for (const [index, file] of files.entries()) {
    progress(`${index + 1} of ${files.length}: ${basename(file.name)}`);
    const inspected = await inspectOne(file, out);
    progress('');
    if (inspected.refused.length > 0) process.exitCode = 1;
    if (values.json) all.push(inspected);
    else process.stdout.write(`${(asLines ? [lineOf(inspected)] : detailsOf(inspected)).join('\n')}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
};

if (import.meta.main) await runCommand(() => main(process.argv.slice(2)), 'See --help.');
