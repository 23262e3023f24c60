/** The limits of Embrapa's datasets: what its vintages do passes, what another file or half of one does is held. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedContent } from '@granary/domain/errors';
import { implausibilities } from '@granary/domain/rules/plausibility';
import { gatherPlausibility } from '@granary/domain/use-cases/collect/gather-plausibility';
import { describeWith, samples } from '@granary/local/testing/wanted';
import { embrapaTable, renderTable } from '@granary/replica/embrapa/file';
import { createTableSums } from '@granary/tabular/read-back/table-sums';
import { describe, expect, it } from '@jest/globals';
import { embrapa, embrapaFileOf } from '../../testing/shipped.ts';
import { readEmbrapaFile } from './read-file.ts';

const RESOURCES = embrapa.discover({ base_url: embrapa.base_url });
const FILES = RESOURCES.map(({ hints }) => hints.file!);

/** What a file becomes in the place of another one. */
const versionOf = (file: string, bytes: Uint8Array) => {
  const resource = RESOURCES.find(({ hints }) => hints.file === file)!;
  const definition = embrapa.datasets.find(({ id }) => id === resource.dataset)!;
  const gatherer = gatherPlausibility(definition);
  const summer = createTableSums(definition.fields);
  let refused = 0;
  readEmbrapaFile(
    embrapaFileOf(resource.dataset),
    bytes,
    { processing_date: '2026-11-20' },
    {
      begin() {},
      rows(batch) {
        gatherer.add(batch);
        summer.add(batch);
      },
      quarantine: ({ rows }) => {
        refused += rows;
      },
    },
  );
  const sums = summer.sums();
  const counts = { rows_read: sums.rows + refused, rows_published: sums.rows, rows_quarantined: refused };
  return {
    ...{ fields: definition.fields, parser_version: 1, version: 1, counts: { ...counts, rows_deduplicated: 0 } },
    ...{ profile: gatherer.profile(sums), keys: gatherer.keys, limits: definition.plausible?.limits },
  };
};
type Made = ReturnType<typeof versionOf>;
const reasons = (version: Made, before?: Made): string[] =>
  implausibilities(version, before, { ...version, year: 2026 });

/**
 * Of each file that is another one's: those that would be published without a word. A file that is refused never is.
 */
const unnoticed = (bytesOf: (file: string) => Uint8Array): string[] =>
  FILES.flatMap((own) => {
    const before = versionOf(own, bytesOf(own));
    return FILES.filter((other) => {
      if (other === own) return false;
      try {
        return reasons(versionOf(own, bytesOf(other)), before).length === 0;
      } catch (error) {
        if (error instanceof RefusedContent) return false;
        throw error;
      }
    }).map((other) => `${other} as ${own}`);
  });
const halfOf = (bytes: Uint8Array): Uint8Array => {
  const lines = Buffer.from(bytes).toString('latin1').trimEnd().split('\n');
  return Buffer.from(`${lines.slice(0, Math.ceil(lines.length / 2)).join('\n')}\n`, 'latin1');
};

describe('W3: the files of the replica', () => {
  const vintage = (file: string, year: number): Uint8Array =>
    Buffer.from(renderTable(embrapaTable(file, { seed: 'granary', vintage: year })));

  it.each(FILES)('go from vintage to vintage, and begin with any; back to an earlier one they are held: %s', (file) => {
    const versions = new Map(
      [2021, 2022, 2023, 2024, 2026].map((year) => [year, versionOf(file, vintage(file, year))]),
    );
    for (const [before, after] of [
      [2021, 2022],
      [2022, 2023],
      [2023, 2024],
      [2021, 2026],
    ] as const) {
      const [newer, older] = [versions.get(after)!, versions.get(before)!];
      // Files that come late are the same in some vintages; ImpSuco of 2022 has 2021 four times, and lost it.
      for (const [version, was] of [
        [newer, older],
        [older, newer],
      ] as const) {
        const [last, lastBefore] = [version, was].map(({ profile }) => profile!.years!.last);
        const gone = `Its last year is ${last}, and that of version 1 is ${lastBefore}.`;
        expect(reasons(version, was)).toEqual(last! < lastBefore! ? [gone] : []);
      }
    }
    for (const version of versions.values()) expect(reasons(version)).toEqual([]);
  });

  it('are held where one takes the place of another, or half of one the place of it', () => {
    const [own, other] = [vintage('Producao', 2023), vintage('Comercio', 2023)];
    expect(reasons(versionOf('Producao', other), versionOf('Producao', own))).not.toEqual([]);
    expect(reasons(versionOf('Comercio', own), versionOf('Comercio', other))).not.toEqual([]);
    // The only row of a file of one has no half.
    for (const file of FILES.filter((name) => name !== 'ProcessaSemclass'))
      expect(reasons(versionOf(file, halfOf(vintage(file, 2023))), versionOf(file, vintage(file, 2023)))).not.toEqual(
        [],
      );
  });
});

describeWith(samples('data/embrapa'), 'W3: the real files', (folder) => {
  const real = (file: string): Uint8Array => readFileSync(join(folder, `${file}.csv`));

  it('are plausible as first versions, and as second ones', () => {
    for (const file of FILES) {
      expect(reasons(versionOf(file, real(file)))).toEqual([]);
      expect(reasons(versionOf(file, real(file)), versionOf(file, real(file)))).toEqual([]);
    }
  });

  it('do not take the place of one another', () => {
    expect(unnoticed(real)).toEqual([]);
  });
});
