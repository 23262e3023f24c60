/**
 * `npm run golden`: writes what the files in `testdata/` folders of the kinds become, `….json` beside each, where that
 * is not there yet. Read it before you commit it: from then on it is what a test expects. `npm run golden -- <pattern>`
 * writes those anew whose path has the pattern.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { readAll } from '@granary/sources/testing/read-all';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'packages/sources/src/kinds');
const [pattern] = process.argv.slice(2);

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(dirname(path)) === 'testdata' && extname(path) !== '.json')
  .map((path) => join(folder, path));

/** A row a line: changes are seen by the row. */
const lines = (rows: readonly object[]): string => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');

let written = 0;
for (const file of files) {
  const golden = `${file.slice(0, -extname(file).length)}.json`;
  if (pattern ? !file.includes(pattern) : existsSync(golden)) continue;
  const [dataset = ''] = basename(file).split('.');
  const { rows, quarantine, report } = await readAll(dataset, readFileSync(file));
  const text = `{\n  "rows": [\n${lines(rows)}\n  ],\n  "quarantine": [\n${lines(quarantine)}\n  ],\n  "report": ${JSON.stringify(report)}\n}\n`;
  writeFileSync(golden, text);
  console.log(`${relative(root, golden)}: ${rows.length} rows, ${quarantine.length} quarantined`);
  written += 1;
}
console.log(
  written > 0 ? 'Read what was written before you commit it.' : `Nothing to write: ${files.length} files have theirs.`,
);
