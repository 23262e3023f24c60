/** Cells that begin with a quote which does not enclose them. */

/**
 * Whether a cell, as it was read, begins with a quote that its record does not escape: three in a row are a cell's own,
 * and one that is escaped in it (RFC 4180).
 */
export const isStrayCell = (cell: string, raw: string, quote: string): boolean =>
  cell.startsWith(quote) && !raw.includes(quote.repeat(3));
