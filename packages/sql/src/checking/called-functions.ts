import type { ParserRuleContext } from 'antlr4ng';
import {
  CurrentDateContext,
  CurrentTimeContext,
  CurrentTimestampContext,
  FunctionCallContext,
  LocalTimeContext,
  LocalTimestampContext,
  SampledRelationContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { nearNames } from '../near-names.ts';
import { ELSEWHERE, FUNCTION_NAMES, VOLATILE } from './functions.ts';
import { refusedAt, shown } from './refused-sql.ts';
import { folded, nameOf } from './sql-names.ts';

const KNOWN = new Set(FUNCTION_NAMES);

const hintFor = (name: string): string => {
  const near = Object.hasOwn(ELSEWHERE, name) ? [ELSEWHERE[name]] : nearNames(name, FUNCTION_NAMES);
  return near.length === 0 ? '' : ` Perhaps you mean ${near.join(' or ')}.`;
};

/** The function that a node calls by its name, in lower case. Throws InvalidRequest when there is none of that name. */
const functionOf = (node: FunctionCallContext): string => {
  const place = node.functionName().start ?? { line: 1, column: 0 };
  const parts = node.functionName().qualifiedName().identifier();
  if (parts.length !== 1)
    throw refusedAt(place, `${shown(node.functionName().getText())}: functions have no prefix here.`);
  const name = folded(nameOf(parts[0]));
  if (!KNOWN.has(name)) throw refusedAt(place, `There is no function ${shown(nameOf(parts[0]))}.${hintFor(name)}`);
  return name;
};

/** The time of day and the like, which have words of their own. */
const CLOCKS = [
  CurrentDateContext,
  CurrentTimeContext,
  CurrentTimestampContext,
  LocalTimeContext,
  LocalTimestampContext,
];

/** Throws InvalidRequest where a node calls a function that is not in {@link FUNCTION_NAMES}. */
export const checkFunction = (node: ParserRuleContext): void => {
  if (node instanceof FunctionCallContext) functionOf(node);
};

/** Whether a node has another value each time the query runs: the time, chance, a sample. */
export const isVolatile = (node: ParserRuleContext): boolean => {
  if (node instanceof FunctionCallContext) return VOLATILE.has(functionOf(node));
  if (node instanceof SampledRelationContext) return node.KW_TABLESAMPLE() !== null;
  return CLOCKS.some((kind) => node instanceof kind);
};
