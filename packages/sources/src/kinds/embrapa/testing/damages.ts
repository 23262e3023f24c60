import { COLUMN_DAMAGES } from './column-damages.ts';
import { chanceOf, type Damage, type Place } from './damage.ts';
import { LINE_DAMAGES } from './line-damages.ts';
import { ORDER_DAMAGES } from './order-damages.ts';
import { type SoundFile, written } from './sound-file.ts';
import { TEXT_DAMAGES } from './text-damages.ts';
import { TITLE_DAMAGES } from './title-damages.ts';

/** The ways to spoil a file, by name. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  ...TITLE_DAMAGES,
  ...COLUMN_DAMAGES,
  ...LINE_DAMAGES,
  ...ORDER_DAMAGES,
  ...TEXT_DAMAGES,
};

const ORDER = ['table', 'head', 'text', 'bytes'] as const;

/**
 * The bytes of a file after these damages, and where its figures belong: those of the sound file, and those that a
 * damage added.
 */
export const spoilt = (
  { sheet, truth }: SoundFile,
  names: readonly string[],
  seed: number,
): { bytes: Buffer; truth: ReadonlyMap<number, Place> } => {
  const chance = chanceOf(seed);
  const all = ORDER.flatMap((on) => names.map((name) => DAMAGES[name]).filter((damage) => damage.on === on));
  for (const damage of all) if (damage.on === 'table' || damage.on === 'head') damage.spoil(sheet, chance);
  let text = written(sheet);
  for (const damage of all) if (damage.on === 'text') text = damage.spoil(text, chance, sheet);
  let bytes: Buffer = Buffer.from(text);
  for (const damage of all) if (damage.on === 'bytes') bytes = damage.spoil(bytes, chance);
  return { bytes, truth: new Map([...truth, ...sheet.added]) };
};
