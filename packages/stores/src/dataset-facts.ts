import type { Dataset } from '@granary/domain/dataset';
import type { DatasetDescription } from '@granary/domain/ports/catalog';

/** What a dataset is told by its versions, besides its description. */
export type DatasetFacts = Omit<Dataset, keyof DatasetDescription>;

export const NO_FACTS: DatasetFacts = {
  latest: null,
  rows: null,
  rows_quarantined: null,
  bytes: null,
  updated_at: null,
  checked_at: null,
  gone_at: null,
  refused: null,
};
