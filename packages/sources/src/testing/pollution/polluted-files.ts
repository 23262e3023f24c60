import { pollutedForms } from './polluted-forms.ts';
import { pollutedLayouts } from './polluted-layouts.ts';
import { pollutedRecords } from './polluted-records.ts';
import type { PollutedFile } from './write-polluted.ts';

/** Every polluted file, in an order that does not change: kind by kind, position by position. */
export function* pollutedFiles(): Generator<PollutedFile> {
  yield* pollutedForms();
  yield* pollutedLayouts();
  yield* pollutedRecords();
}
