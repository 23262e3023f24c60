import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '@granary/admin/arguments';
import { UserError } from '@granary/admin/user-error';
import { fetchFile } from './fetch-file.ts';
import { type Inspected, inspectFile, type Out } from './inspect.ts';
import { progress, say, sayJson } from './output.ts';
import { detailsOf, HEADING, lineOf } from './print-inspected.ts';
import { FORMATS, type Format } from './write-table.ts';

type Values = { out?: string; format?: string; details?: boolean; json?: boolean };
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

export const inspect = async (targets: readonly string[], values: Values): Promise<void> => {
  if (targets.length === 0) throw new UsageError('Which file? Name a file, a directory or an address.');
  const format = formatOf(values.format ?? 'csv');
  const out = values.out === undefined ? undefined : { folder: here(values.out), format };
  if (out) await mkdir(out.folder, { recursive: true });
  const files = (await Promise.all(targets.map(filesOf))).flat();
  if (files.length === 0) throw new UserError('There is no file in there.');
  const asLines = files.length > 1 && !values.json && !values.details;
  if (asLines) say(HEADING);
  const all: Inspected[] = [];
  for (const [index, file] of files.entries()) {
    progress(`${index + 1} of ${files.length}: ${basename(file.name)}`);
    const inspected = await inspectOne(file, out);
    progress('');
    if (inspected.refused.length > 0) process.exitCode = 1;
    if (values.json) all.push(inspected);
    else say(...(asLines ? [lineOf(inspected)] : detailsOf(inspected)));
  }
  if (values.json) sayJson(all);
};
