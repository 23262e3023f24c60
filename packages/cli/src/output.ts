/** What the commands write: results on standard output, progress on a terminal only. */
export const say = (...lines: readonly string[]): void =>
  void process.stdout.write(lines.map((line) => `${line}\n`).join(''));

export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2));

/** Goes to a terminal only, and is wiped by the next one; `''` wipes it. */
export const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text.slice(0, 100)}`);
};

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;

/** Columns side by side, numbers to the right, the last one as long as it is. */
export const asTable = (header: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const all = [header, ...rows];
  const widths = header.map((_, at) => Math.min(48, Math.max(...all.map((row) => row[at]!.length))));
  const isNumeric = header.map((_, at) => rows.length > 0 && rows.every((row) => /^[\d,.-]*$/.test(row[at]!)));
  return all.map((row) =>
    row
      .map((cell, at) =>
        isNumeric[at] ? cell.padStart(widths[at]!) : at === row.length - 1 ? cell : cell.padEnd(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  );
};
