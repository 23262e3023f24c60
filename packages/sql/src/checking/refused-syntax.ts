import type { ParserRuleContext } from 'antlr4ng';
import {
  CurrentCatalogContext,
  CurrentPathContext,
  CurrentSchemaContext,
  CurrentUserContext,
  FunctionCallContext,
  JsonTableContext,
  MeasureContext,
  PatternRecognitionContext,
  QueryPeriodContext,
  TableContext,
  TableFunctionInvocationContext,
  WindowFrameContext,
} from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';
import { refusedAt, shown } from './refused-sql.ts';

type Refused = {
  kind: abstract new (...given: never[]) => ParserRuleContext;
  /** All of its kind, when absent. */
  when?: (node: never) => boolean;
  message: (text: string) => string;
};

const PATTERNS = 'Row patterns (MATCH_RECOGNIZE) are not taken.';
const OWN = (text: string) => `${shown(text)} is not answered here: it is about the engine, not the data.`;

/** Parts of Trino's queries that are not taken. */
const REFUSED: readonly Refused[] = [
  { kind: TableContext, message: () => "'TABLE name' is not taken: write SELECT * FROM name." },
  { kind: TableFunctionInvocationContext, message: () => 'Functions that give tables are not taken.' },
  { kind: JsonTableContext, message: () => 'JSON_TABLE is not taken: UNNEST takes arrays apart.' },
  {
    kind: QueryPeriodContext,
    message: () => 'Older versions have no FOR here: read <dataset>_versions and ask WHERE version = a number.',
  },
  {
    kind: PatternRecognitionContext,
    when: (node: PatternRecognitionContext) => node.KW_MATCH_RECOGNIZE() !== null,
    message: () => PATTERNS,
  },
  {
    kind: WindowFrameContext,
    when: (node: WindowFrameContext) => node.getChildCount() !== 1,
    message: () => PATTERNS,
  },
  { kind: MeasureContext, message: () => PATTERNS },
  {
    kind: FunctionCallContext,
    when: (node: FunctionCallContext) => node.processingMode() !== null || node._label !== undefined,
    message: () => PATTERNS,
  },
  { kind: CurrentUserContext, message: OWN },
  { kind: CurrentCatalogContext, message: OWN },
  { kind: CurrentSchemaContext, message: OWN },
  { kind: CurrentPathContext, message: OWN },
];

/** Throws InvalidRequest for a part of a query that Trino's grammar has and is not taken here, saying what is. */
export const checkSyntax = (node: ParserRuleContext): void => {
  for (const { kind, when, message } of REFUSED)
    if (node instanceof kind && (when === undefined || when(node as never)))
      throw refusedAt(node.start ?? { line: 1, column: 0 }, message(node.getText()));
};
