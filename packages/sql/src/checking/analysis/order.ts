import type { ParserRuleContext } from 'antlr4ng';
import { IntegerLiteralContext, type SortItemContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { mismatch } from './analysis.ts';
import { bare } from './calls.ts';
import type { Relation } from './scope.ts';

/** The number of a column that ORDER BY or GROUP BY names by its place. */
export const placeIn = (node: ParserRuleContext): number | undefined => {
  const found = bare(node);
  return found instanceof IntegerLiteralContext && /^\d+$/.test(found.getText()) ? Number(found.getText()) : undefined;
};

export const keyOf = (item: SortItemContext): ParserRuleContext =>
  item.expression() ?? (item.columnRef() as ParserRuleContext);

export const positionOf = (item: SortItemContext): number | undefined => placeIn(keyOf(item));

export const checkPosition = (
  node: ParserRuleContext,
  position: number,
  { columns, open }: Relation,
  clause: 'ORDER BY' | 'GROUP BY',
): void => {
  if (!open && (position < 1 || position > columns.length))
    throw mismatch(node.start, `${clause} position ${position} is not in select list`, {
      code: 'INVALID_COLUMN_REFERENCE',
    });
};
