import type { ParserRuleContext } from 'antlr4ng';
import { GenericTypeContext, TypeConstructorContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { refusedAt, shown } from './refused-sql.ts';
import { folded, nameOf } from './sql-names.ts';

/** Trino's types that have no words of their own in its grammar. */
export const TYPES: readonly string[] = [
  'array',
  'bigint',
  'boolean',
  'char',
  'date',
  'decimal',
  'double',
  'hyperloglog',
  'int',
  'integer',
  'ipaddress',
  'json',
  'map',
  'qdigest',
  'real',
  'row',
  'setdigest',
  'smallint',
  'string',
  'tdigest',
  'time',
  'timestamp',
  'tinyint',
  'uuid',
  'varbinary',
  'varchar',
];

const KNOWN = new Set(TYPES);

/**
 * Throws InvalidRequest for a type that Trino does not have, in a CAST or before a string (`date '2024-01-31'`): `e'…'`
 * and the like are strings of other dialects, which end elsewhere.
 */
export const checkType = (node: ParserRuleContext): void => {
  if (!(node instanceof GenericTypeContext || node instanceof TypeConstructorContext)) return;
  const identifier = node.identifier();
  if (!identifier || KNOWN.has(folded(nameOf(identifier)))) return;
  const place = identifier.start ?? { line: 1, column: 0 };
  if (node instanceof GenericTypeContext) throw refusedAt(place, `There is no type ${shown(nameOf(identifier))}.`);
  throw refusedAt(place, `A string cannot follow ${shown(nameOf(identifier))}, which is no type.`);
};
