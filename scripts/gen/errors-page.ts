/** docs/errors.md: every error that a caller or an operator may meet, its messages, and what to do about it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorMessage, errorMessages } from './error-messages.ts';

export type ErrorClass = {
  name: string;
  code: string;
  status: string;
  decision: string;
  meaning: string;
  advice: string;
};

const CLASS = /(?:\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n)?export class (\w+) extends \w+ \{([\s\S]*?)\n\}/g;
const member = (body: string, name: string): string =>
  new RegExp(`readonly ${name}(?:: ([^=;]+))?(?: = ([^;]+))?;`).exec(body)?.slice(1).reverse().find(Boolean) ?? '';

/** The classes of packages/domain/src/errors.ts, as their comments describe them. */
export const errorClasses = (code: string): ErrorClass[] =>
  [...code.matchAll(CLASS)].map(([, comment = '', name, body]) => {
    const words = comment
      .replace(/^\s*\* ?/gm, '')
      .trim()
      .replace(/\s+/g, ' ');
    const [meaning = '', advice = ''] = words.split(/\s*@advice\s*/);
    const plain = (text: string): string => text.replaceAll("'", '').trim();
    return {
      ...{ name: name!, meaning, advice, code: plain(member(body!, 'code')) },
      status: plain(member(body!, 'status')).replaceAll(' | ', ', '),
      decision: plain(member(body!, 'decision')),
    };
  });

const WORKER: Readonly<Record<string, string>> = {
  retry: 'tries it again, three times in all; then it is a dead letter',
  defer: 'waits and tries it again, at no cost of a try',
  stop: 'ends the part with the error, and tries it no more',
};

/** `{` opens a placeholder, also of Markdown's templates; the rest is text. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\n/g, ' ');

const section = (error: ErrorClass, messages: readonly ErrorMessage[]): string => {
  const own = [...new Set(messages.filter((one) => one.error === error.name).map(({ message }) => message))];
  const list = own.length > 0 ? `\n${own.map((message) => `- ${cell(message)}`).join('\n')}\n` : '';
  return `## ${error.code}

Status ${error.status}. ${error.meaning}

**What to do:** ${error.advice} **A worker** ${WORKER[error.decision]}.
${list}`;
};

/** The codes of queries of records, which are PostgREST's and PostgreSQL's own. */
const queryCodes = (messages: readonly ErrorMessage[]): string => {
  const codes = messages.filter(({ error }) => /^[0-9A-Z]{5,8}$/.test(error));
  const rows = [...new Set(codes.map(({ error, message }) => `| \`${error}\` | ${cell(message)} |`))].sort();
  return `## Codes of queries of records\n\n\`/v1/records\` answers with the codes and the words of PostgREST and PostgreSQL; \`hint\` says what to do.\n\n| code | message |\n|---|---|\n${rows.join('\n')}\n`;
};

/** @param root of the repository. */
export const errorsPage = (root: string): string => {
  const classes = errorClasses(readFileSync(join(root, 'packages/domain/src/errors.ts'), 'utf8'));
  const messages = errorMessages(root, new Set(classes.map(({ name }) => name)));
  return `# Errors

<!-- Written by \`npm run gen\` from packages/domain/src/errors.ts and from the code that throws. -->

An error's answer is \`application/problem+json\`: \`code\` is stable and for programs, \`detail\` is a sentence for people.
Words in braces stand for a value.

${classes.map((error) => section(error, messages)).join('\n')}
${queryCodes(messages)}`;
};
