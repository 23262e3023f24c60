/** Where the records of a JSON document are: a subset of JSONPath (RFC 9535). */
import { UnreadableJson } from './unreadable-json.ts';

/** A name, a position in a list from 0, or `*`: every one. */
export type PathStep = { name: string } | { index: number } | '*';
export type JsonPath = readonly PathStep[];

const STEP =
  /\.\*|\[\*\]|\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|\[(0|[1-9]\d{0,8})\]|\[("(?:[^"\\]|\\.)*")\]|\['([^'\\]*)'\]/y;

/**
 * Reads `$`, followed by steps: `.name`, `['name']`, `["name"]`, `[0]`, and `.*` or `[*]` for every member. Throws
 * UnreadableJson for anything else, such as filters, slices and `..`.
 */
export const parseJsonPath = (text: string): JsonPath => {
  const steps: PathStep[] = [];
  if (text[0] !== '$') throw notAPath(text, 0);
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match) throw notAPath(text, at);
    const [, name, index, quoted, plain] = match;
    if (index !== undefined) steps.push({ index: Number(index) });
    else if (quoted !== undefined) steps.push({ name: JSON.parse(quoted) });
    else if (name !== undefined || plain !== undefined) steps.push({ name: (name ?? plain)! });
    else steps.push('*');
  }
  return steps;
};

const notAPath = (text: string, at: number): UnreadableJson =>
  new UnreadableJson(
    `'${text}' is no path that is read, from '${text.slice(at, at + 20)}' on; a path is $ and steps such as .name, ['name'], [0] and [*]`,
  );

/** A path as it is written. */
export const pathText = (path: JsonPath): string =>
  `$${path
    .map((step) => {
      if (step === '*') return '[*]';
      if ('index' in step) return `[${step.index}]`;
      return /^[A-Za-z_]\w*$/.test(step.name) ? `.${step.name}` : `[${JSON.stringify(step.name)}]`;
    })
    .join('')}`;

/** Whether a member of that name, or at that position, is meant. */
export const isStep = (step: PathStep, member: string | number): boolean => {
  if (step === '*') return true;
  return 'name' in step ? step.name === member : step.index === member;
};

/** What a path leads to in a value that was read; undefined where there is none. `*` is the first one. */
export const valueAt = (value: unknown, path: JsonPath): unknown => {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    if (step === '*') found = Object.values(found)[0];
    else {
      const member = 'name' in step ? step.name : String(step.index);
      found = Object.hasOwn(found, member) ? (found as Record<string, unknown>)[member] : undefined;
    }
  }
  return found;
};
