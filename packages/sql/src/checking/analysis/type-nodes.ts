import type { ParserRuleContext } from 'antlr4ng';
import {
  ArrayTypeContext,
  DateTimeTypeContext,
  DoublePrecisionTypeContext,
  GenericTypeContext,
  IntervalTypeContext,
  LegacyArrayTypeContext,
  LegacyMapTypeContext,
  RowTypeContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { folded, nameOf } from '../sql-names.ts';
import { parseType } from './parse-type.ts';
import { ANY, DOUBLE, rowOf, type Type, type } from './sql-types.ts';

/** The type that a query names, in a CAST say. */
export const readType = (node: ParserRuleContext): Type => {
  if (node instanceof RowTypeContext) {
    const fields = node.rowField();
    return rowOf(
      fields.map((field) => readType(field.type())),
      fields.map((field) => {
        const name = field.identifier();
        return name ? folded(nameOf(name)) : undefined;
      }),
    );
  }
  if (node instanceof IntervalTypeContext) {
    const isMonths = /^interval(year|month)/i.test(node.getText());
    return type(isMonths ? 'interval year to month' : 'interval day to second');
  }
  if (node instanceof DateTimeTypeContext) {
    const name = node.KW_TIMESTAMP() ? 'timestamp' : 'time';
    return type(node.KW_WITH() ? `${name} with time zone` : name);
  }
  if (node instanceof DoublePrecisionTypeContext) return DOUBLE;
  if (node instanceof ArrayTypeContext || node instanceof LegacyArrayTypeContext)
    return type('array', readType(node.type()));
  if (node instanceof LegacyMapTypeContext) return type('map', ...node.type_().map(readType));
  if (node instanceof GenericTypeContext) {
    const name = folded(nameOf(node.identifier()));
    const inner = node.typeParameter().flatMap((one) => one.type() ?? []);
    if (name === 'array' || name === 'map') return type(name, ...inner.map(readType));
    return parseType(name);
  }
  return ANY;
};
