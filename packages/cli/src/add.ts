import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '@granary/admin/arguments';
import { makeQuestions } from '@granary/admin/questions';
import { UserError } from '@granary/admin/user-error';
import { GranaryError } from '@granary/domain/errors';
import {
  type PreviewRequest,
  previewSource,
  type SourcePreview,
} from '@granary/domain/use-cases/preview/preview-source';
import { ROOT } from '@granary/local/state';
import { sourceYaml } from '@granary/sources/source-yaml';
import { unregistered } from '@granary/sources/unregistered';
import { makeHttpFetcher } from '@granary/stores/http-fetcher';
import { makeMemoryHostBudget } from '@granary/stores/memory-host-budget';
import { collectNow } from './commands.ts';
import { sayReading, sayRun } from './follow-run.ts';
import { progress, say, sayJson } from './output.ts';
import { linesOfPreview } from './print-preview.ts';
import { findStack, Refused, type Stack } from './stack.ts';
import type { StackOptions } from './stack-options.ts';

type Values = StackOptions & { id?: string; yes?: boolean; write?: boolean; json?: boolean };
type Preview = SourcePreview & { yaml: string };

const FOLDER = 'packages/sources/src/sources';

export const add = async (targets: readonly string[], values: Values): Promise<void> => {
  const [url, other] = targets;
  if (url === undefined) throw new UsageError('Which address? granary add https://…');
  if (other !== undefined) throw new UsageError(`One address at a time, not '${other}' too; quote what has an &.`);
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UsageError(
      `'${url}' is no address that begins with http:// or https://. \`granary inspect\` reads files.`,
    );
  const stack = await findStack(values);
  const asked = { url, ...(values.id !== undefined && { id: values.id }) };
  progress(`Fetching ${url}`);
  const preview = await (stack ? previewThere(stack, asked) : previewHere(asked)).finally(() => progress(''));
  const isWanted = values.yes || values.write;
  if (!values.json) say(...linesOfPreview(preview));
  const refused = whyNothing(preview);
  if (refused !== undefined) {
    if (values.json) sayJson({ preview });
    throw new UserError(`Nothing of it would be published, so nothing was saved: ${refused}`);
  }
  if (values.json && !isWanted) return sayJson({ preview });
  if (values.write) return write(preview, values);
  if (!stack)
    throw new UserError(
      'Nothing was saved: Granary is not running on this machine. Start it with `npm start`, name another one (--url, --stage), or write the source into the repository with --write.',
    );
  if (!isWanted && !(await isAnsweredYes(preview.source.id, stack))) return say('Nothing was saved.');
  await save(stack, preview);
  if (!values.json)
    say(`The source '${preview.source.id}' is saved. It is collected now, and then at ${preview.source.schedule}.`);
  const run = await collectNow(stack, preview.source.id);
  if (values.json) return sayJson({ preview, run });
  sayRun(run);
  sayReading(stack, run);
};

const previewThere = (stack: Stack, body: { url: string; id?: string }): Promise<Preview> =>
  stack.json('/v1/admin/sources/preview', { method: 'POST', body });

/** Without a stack: whoever sits at this machine may read what it can reach. */
const previewHere = async (asked: PreviewRequest & { url: string }): Promise<Preview> => {
  const fetch = makeHttpFetcher({ origins: [asked.url], tmpdir: tmpdir() });
  const deps = {
    budget: makeMemoryHostBudget(),
    clock: Date.now,
    sleep: (ms: number) => sleep(ms),
    random: Math.random,
  };
  try {
    const preview = await previewSource({ ...deps, fetch, tmpdir: tmpdir(), sources: unregistered })(asked);
    return { ...preview, yaml: sourceYaml(preview.source) };
  } catch (error) {
    throw error instanceof GranaryError ? new UserError(error.message) : error;
  } finally {
    await fetch.close();
  }
};

/** Undefined when some table would be published. */
const whyNothing = ({ resources }: Preview): string | undefined => {
  if (resources.some(({ tables }) => tables.some(({ refused }) => refused === null))) return undefined;
  const reasons = resources.flatMap(({ refused, tables }) => [refused, ...tables.map((table) => table.refused)]);
  return reasons.find((reason) => reason !== null) ?? 'it holds no table.';
};

const isAnsweredYes = async (id: string, stack: Stack): Promise<boolean> => {
  const questions = makeQuestions();
  if (!questions.interactive)
    throw new UserError('Nothing was saved: there is no terminal to ask on. Say --yes to save it.');
  const answer = await questions.line(`Save it as '${id}' on ${stack.address} and collect it? [y/N]`);
  return /^y(es)?$/i.test(answer.trim());
};

const save = async (stack: Stack, { source }: Preview): Promise<void> => {
  try {
    await stack.ask(`/v1/admin/sources/${encodeURIComponent(source.id)}`, {
      ...{ method: 'PUT', body: source },
      headers: { 'if-none-match': '*' },
    });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 412) throw error;
    throw new UserError(
      `There is a source '${source.id}' already, and it was left as it is. Choose another name: --id NAME. To collect it again: npx granary collect ${source.id}${stack.named}`,
    );
  }
};

const write = async (preview: Preview, { json }: Values): Promise<void> => {
  const { source, yaml } = preview;
  const file = `${FOLDER}/${source.id}.yml`;
  await writeFile(join(ROOT, file), yaml, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new UserError(`${file} is there already, and was left as it is. Choose another name: --id NAME.`);
  });
  if (json) return sayJson({ preview, file });
  say(
    `${file} is written. Say there what you know about it (docs/add-a-source.md), then:`,
    '  npm run gen',
    `  GRANARY_${source.id.toUpperCase()}_URL=${source.base_url} npm start`,
  );
};
