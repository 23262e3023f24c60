/**
 * For tests, as a process of its own: converts a file as large as its source may send, whose every byte is nearly a
 * row, and prints `{ rows, idle_mb, peak_mb }`: the memory of the process before and at its largest.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertOnly } from '@granary/domain/use-cases/testing/convert-only';
import { embrapa } from '@granary/sources/testing/shipped';

const folder = mkdtempSync(join(tmpdir(), 'granary-test-'));
try {
  const years = Array.from({ length: 57 }, (_, i) => 1970 + i);
  const header = `control;produto;${years.join(';')}\n`;
  // No line is like another, and neither edge is blank: they are all published.
  const lineOf = (number: number): string => `a_;a${number.toString(36)};1${';'.repeat(years.length - 1)}1\n`;
  const lines: string[] = [];
  for (let bytes = header.length; bytes < embrapa.max_bytes - 100; bytes += lines.at(-1)!.length)
    lines.push(lineOf(lines.length));
  const path = join(folder, 'worst.csv');
  writeFileSync(path, header + lines.join(''));
  const resource = embrapa.discover({ base_url: 'http://worst.test/' })[0]!;
  const definition = embrapa.datasets[0]!;
  const idle_mb = process.resourceUsage().maxRSS / 1024;
  const conversion = { source: embrapa, definition, resource, path, folder, processing_date: '2026-11-20' };
  const { counts } = await convertOnly(conversion);
  const peak_mb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ rows: counts.rows_published, idle_mb, peak_mb }));
} finally {
  rmSync(folder, { recursive: true });
}
