import { RefusedContent } from '@granary/domain/errors';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { embrapa } from '../../testing/shipped.ts';
import { wrongFigures } from './testing/check-figures.ts';
import { DAMAGES, spoilt } from './testing/damages.ts';
import { readBytes } from './testing/read-bytes.ts';
import { SOUND_FILES, soundFile } from './testing/sound-file.ts';
import { hideEachOther } from './testing/undecidable.ts';

/** How many spoilt files are read: `GRANARY_DAMAGES=50000 npm test -- embrapa/damages`. */
const CASES = Number(process.env.GRANARY_DAMAGES ?? 2000);
const SEED = Number(process.env.GRANARY_DAMAGES_SEED ?? Math.floor(Math.random() * 2 ** 31));

const resources = embrapa.discover({ base_url: embrapa.base_url });
const datasetOf = (file: string): string => resources.find(({ hints }) => hints.file === file)!.dataset;

type Case = { file: string; seed: number; damages: readonly string[]; chance: number; previous: boolean };
type Outcome = { refused: string } | { wrong: readonly string[]; rows: number; quarantined: number };

const read = ({ file, seed, damages, chance, previous }: Case): Outcome => {
  const sound = soundFile(file, seed);
  const header = [...sound.sheet.rows[0]];
  const { bytes, truth } = spoilt(sound, damages, chance);
  const options = { processing_date: '2026-06-01', ...(previous && { previous_header: header }) };
  try {
    const reading = readBytes(datasetOf(file), bytes, options);
    const wrong = wrongFigures(reading, truth, bytes);
    return { wrong, rows: reading.rows.length, quarantined: reading.quarantine.length };
  } catch (error) {
    if (error instanceof RefusedContent) return { refused: error.message };
    throw error;
  }
};

const cases: fc.Arbitrary<Case> = fc.record({
  file: fc.constantFrom(...SOUND_FILES),
  seed: fc.nat(),
  damages: fc
    .uniqueArray(fc.constantFrom(...Object.keys(DAMAGES)), { minLength: 1, maxLength: 2 })
    .filter((names) => !hideEachOther(names)),
  chance: fc.nat(),
  previous: fc.boolean(),
});

describe('a file that was damaged', () => {
  it('can be damaged in 40 ways at least', () => {
    expect(Object.keys(DAMAGES).length).toBeGreaterThanOrEqual(40);
  });

  it(
    `has each figure under its own name and year, or in quarantine, or is refused (${CASES} files)`,
    () => {
      console.log(`Damages: ${CASES} files from seed ${SEED}`);
      fc.assert(
        fc.property(cases, (one) => {
          const outcome = read(one);
          if ('wrong' in outcome) expect(outcome.wrong).toEqual([]);
        }),
        { numRuns: CASES, seed: SEED },
      );
    },
    CASES * 300,
  );
});
