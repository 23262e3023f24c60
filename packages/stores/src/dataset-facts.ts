import { type Dataset, type DatasetEdits, EDITABLE, type EditableMembers } from '@granary/domain/dataset';
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

/** A dataset as it is stored: as its source says, and beside that what people say. */
export type StoredDataset = Omit<Dataset, 'edited'> & { edited?: DatasetEdits };

/** What people say stands in place of what the source does. */
export const withEdits = ({ edited, ...stored }: StoredDataset): Dataset => {
  if (edited === undefined) return stored;
  const replaced = EDITABLE.filter((name) => edited.values[name] !== undefined);
  const source: EditableMembers = Object.fromEntries(replaced.map((name) => [name, stored[name]]));
  return { ...stored, ...edited.values, edited: { ...edited, source } };
};
