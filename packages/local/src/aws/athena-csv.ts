/** Results as Athena keeps them: every value in quotes, null as nothing at all, a line for each row, the names first. */

type Row = readonly (string | null)[];

export const csvLine = (row: Row): string =>
  `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`;

const [QUOTE, COMMA, NEWLINE] = [0x22, 0x2c, 0x0a];

/** Up to `limit` whole rows from the beginning of `bytes`, and how many bytes they are. */
export const readRows = (bytes: Uint8Array, limit: number): { rows: Row[]; bytes: number } => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const rows: Row[] = [];
  let row: (string | null)[] = [];
  let at = 0;
  let end = 0;
  while (rows.length < limit && at < buffer.length) {
    let value: string | null = null;
    if (buffer[at] === QUOTE) {
      const from = at + 1;
      let to = buffer.indexOf(QUOTE, from);
      while (to !== -1 && buffer[to + 1] === QUOTE) to = buffer.indexOf(QUOTE, to + 2);
      if (to === -1) break;
      value = buffer.toString('utf8', from, to).replaceAll('""', '"');
      at = to + 1;
    }
    row.push(value);
    if (buffer[at] === COMMA) at++;
    else if (buffer[at] === NEWLINE) {
      rows.push(row);
      row = [];
      at++;
      end = at;
    } else break;
  }
  return { rows, bytes: end };
};
