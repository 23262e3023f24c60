/** The messages of errors as they stand in the code: what docs/errors.md lists. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/** A message with what is put into it in braces, by the expression that gives it: `There is no source '{id}'`. */
export type ErrorMessage = { error: string; message: string; file: string };

type Node = { type?: string; span?: { start: number; end: number } } & Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const walk = (value: unknown, visit: (node: Node) => void): void => {
  if (Array.isArray(value)) for (const one of value) walk(one, visit);
  else if (isNode(value)) {
    visit(value);
    for (const [key, child] of Object.entries(value)) if (key !== 'span') walk(child, visit);
  }
};

/** What a placeholder is called: the last name of its expression. */
const placeholder = (node: unknown): string => {
  const names: string[] = [];
  walk(node, ({ type, value }) => {
    if (type === 'Identifier') names.push(String(value));
  });
  return names.at(-1) ?? '…';
};

/** The text of a string, a template, or several of them added up; undefined for anything else. */
const textOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined;
  if (node.type === 'StringLiteral') return String(node.value);
  if (node.type === 'TemplateLiteral') {
    const { quasis, expressions } = node as { quasis: { cooked: string }[]; expressions: unknown[] } & Node;
    return quasis
      .map(({ cooked }, i) => (i < expressions.length ? `${cooked}{${placeholder(expressions[i])}}` : cooked))
      .join('');
  }
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
};

const argumentsOf = (node: Node): unknown[] =>
  ((node.arguments ?? []) as { expression: unknown }[]).map(({ expression }) => expression);

/** A query of records is answered with a code of PostgREST's or PostgreSQL's: `new QueryError(code, message)`. */
const QUERY_ERROR = 'QueryError';

/**
 * All of one file's: `new X('…')` and `X.of(field, '…', '…')` for the classes named. `error` of a QueryError is its
 * code.
 */
export const messagesIn = (code: string, file: string, classes: ReadonlySet<string>): ErrorMessage[] => {
  const found: ErrorMessage[] = [];
  const tell = (error: string, message: string | undefined): void => {
    if (message !== undefined) found.push({ error, message, file });
  };
  walk(parseSync(code, { syntax: 'typescript', target: 'es2022' }), (node) => {
    const callee = node.callee as Node | undefined;
    if (node.type === 'NewExpression' && callee?.type === 'Identifier') {
      const [first, second] = argumentsOf(node).map(textOf);
      if (callee.value === QUERY_ERROR && first !== undefined) tell(first, second);
      else if (classes.has(String(callee.value))) tell(String(callee.value), first);
    }
    if (node.type !== 'CallExpression' || callee?.type !== 'MemberExpression') return;
    const [object, property] = [callee.object, callee.property] as Node[];
    if (object?.type !== 'Identifier' || !classes.has(String(object.value)) || property?.value !== 'of') return;
    const [field, message, sentence] = argumentsOf(node).map(textOf);
    tell(String(object.value), sentence ?? (message === undefined ? undefined : `${field ?? '{field}'}: ${message}`));
  });
  return found;
};

/** Those of all packages and services, sorted by error and message. */
export const errorMessages = (root: string, classes: ReadonlySet<string>): ErrorMessage[] =>
  globSync('{packages,services}/*/src/**/*.ts', { cwd: root })
    .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    .sort()
    .flatMap((file) => messagesIn(readFileSync(join(root, file), 'utf8'), file, classes))
    .sort((a, b) => (a.error + a.message < b.error + b.message ? -1 : 1));
