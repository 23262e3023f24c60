import type { Dataset, EditableMembers } from '@granary/domain/dataset';

/** Who edited is for operators alone. */
export type PublicDataset = Omit<Dataset, 'edited'> & { edited: { at: string; source: EditableMembers } | null };

/** What callers see of a dataset: everything, in an order for people, whatever the order that it was stored in. */
export const publicDataset = (dataset: Dataset): PublicDataset => ({
  id: dataset.id,
  title: dataset.title,
  description: dataset.description,
  publisher: dataset.publisher,
  theme: dataset.theme,
  tags: dataset.tags,
  licence: dataset.licence,
  source: dataset.source,
  source_url: dataset.source_url,
  format: dataset.format ?? null,
  latest: dataset.latest,
  rows: dataset.rows,
  rows_quarantined: dataset.rows_quarantined,
  bytes: dataset.bytes,
  years: dataset.years ?? null,
  updated_at: dataset.updated_at,
  checked_at: dataset.checked_at,
  gone_at: dataset.gone_at,
  refused: dataset.refused,
  edited: editedOf(dataset),
  key: dataset.key,
  fields: dataset.fields,
});

const editedOf = ({ edited }: Dataset): PublicDataset['edited'] =>
  edited === undefined || Object.keys(edited.values).length === 0 ? null : { at: edited.at, source: edited.source };
