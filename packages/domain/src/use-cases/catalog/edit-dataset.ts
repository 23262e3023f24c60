import { type Dataset, type DatasetId, EDITABLE, type EditableMembers } from '../../dataset.ts';
import { InvalidRequest, NotFound, PreconditionFailed, PreconditionRequired } from '../../errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/collecting.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { csvCopyKey } from '../../rules/keys.ts';
import { sameJson } from '../../rules/same-json.ts';
import { refreshCopies } from '../publish/refresh-copies.ts';
import { readTags } from '../sources/precondition.ts';

export type EditDatasetDeps = {
  catalog: Pick<Catalog, 'getDataset' | 'getVersion' | 'editDataset'>;
  objects: Pick<ObjectStore, 'head' | 'copy' | 'delete'>;
  clock: Clock;
};

/** As a merge patch (RFC 7396): null takes an edit back, so that the source is believed again. */
export type DatasetPatch = { [Name in keyof EditableMembers]: EditableMembers[Name] | null };

export type EditDataset = { id: DatasetId; patch: DatasetPatch; if_match: string | undefined; by: string };

/**
 * Says something of a dataset in place of its source, until it is taken back. An edit that is made already makes no new
 * revision. Where the theme changed, the copy as CSV moves with it. Throws NotFound, InvalidRequest,
 * PreconditionRequired and PreconditionFailed.
 */
export const editDataset =
  (deps: EditDatasetDeps) =>
  async ({ id, patch, if_match, by }: EditDataset): Promise<Dataset> => {
    const { catalog, clock } = deps;
    const names = EDITABLE.filter((name) => patch[name] !== undefined);
    if (names.length === 0)
      throw new InvalidRequest(
        `The body names nothing to edit; it takes ${EDITABLE.join(', ')}, each null to take it back.`,
      );
    const dataset = await existing(catalog, id);
    const { revision = 0, values: before = {} } = dataset.edited ?? {};
    const values: EditableMembers = Object.fromEntries(
      EDITABLE.flatMap((name) => {
        const value = patch[name] === undefined ? before[name] : patch[name];
        return value === undefined || value === null ? [] : [[name, value]];
      }),
    );
    const isMade = sameJson(inOrder(values), inOrder(before));
    if (!isMade) {
      checkRevision(dataset, revision, if_match);
      const edits = { revision: revision + 1, at: new Date(clock()).toISOString(), by, values };
      if (!(await catalog.editDataset(id, edits))) throw changed(await existing(catalog, id), if_match ?? '*');
    }
    // Also where it was made already: whoever made it may have died before its copy was moved.
    await moveCopy(deps, dataset, names.includes('theme'));
    return existing(catalog, id);
  };

/** In the order that they have here, whatever order they were written in. */
const inOrder = (values: EditableMembers) => EDITABLE.map((name) => values[name] ?? null);

const moveCopy = async ({ catalog, objects }: EditDatasetDeps, before: Dataset, is_moved: boolean): Promise<void> => {
  if (!is_moved) return;
  await refreshCopies({ catalog, objects })(before.id);
  const now = await existing(catalog, before.id);
  const themes = new Set([before.theme, now.edited?.source.theme ?? now.theme]);
  themes.delete(now.theme);
  await objects.delete([...themes].map((theme) => csvCopyKey(theme, before.id)));
};

const checkRevision = (dataset: Dataset, revision: number, if_match: string | undefined): void => {
  if (if_match === undefined)
    throw new PreconditionRequired(
      `Say which revision of the edits of '${dataset.id}' this is about: If-Match: "${revision}", the ETag of GET /v1/admin/datasets/${dataset.id}. So no edit of somebody else is lost.`,
    );
  const tags = readTags(if_match, 'the edits');
  if (tags !== '*' && !tags.includes(revision)) throw changed(dataset, if_match);
};

const changed = ({ id, edited }: Dataset, if_match: string): PreconditionFailed => {
  const revision = edited?.revision ?? 0;
  const error = new PreconditionFailed(
    `The edits of '${id}' are at revision ${revision}, and If-Match says ${if_match.slice(0, 100)}: somebody edited it meanwhile. Get it again, make your change anew, and send If-Match: "${revision}".`,
  );
  error.headers = { ETag: `"${revision}"` };
  return error;
};

const existing = async (catalog: Pick<Catalog, 'getDataset'>, id: DatasetId): Promise<Dataset> => {
  const dataset = await catalog.getDataset(id);
  if (dataset) return dataset;
  throw new NotFound(`There is no dataset '${id}'; the known ones are listed at /v1/datasets.`);
};
