import { QuotedIdentifierContext } from 'dt-sql-parser/dist/lib/trino/TrinoSqlParser.js';

type Named = { getText(): string };

/**
 * Names are compared without regard to ASCII case, quoted ones too. No other letters are folded: what reads the query
 * later may fold fewer than we.
 */
export const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** What an identifier names, as it was written: without its quotes. */
export const nameOf = (identifier: Named): string => {
  const text = identifier.getText();
  return identifier instanceof QuotedIdentifierContext ? text.slice(1, -1).replaceAll('""', '"') : text;
};
