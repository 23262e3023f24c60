import type { PublishedVersion } from '@granary/domain/dataset';
import { InvalidRequest, NotFound } from '@granary/domain/errors';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { SourceReader } from '@granary/domain/ports/source-store';
import { type FoundRow, findRow } from '@granary/tabular/diff/find-row';
import { type RowReference, readReference, UnreadableReference } from '@granary/tabular/diff/row-reference';
import { openVersion } from '../versions/version-table.ts';
import { definitionOf } from './definition-of.ts';
import { sourceCells } from './source-cells.ts';
import { quarantineOfLine, readSourceLine } from './source-line.ts';

type Reader = Pick<ObjectReader, 'get' | 'getRange'>;

/**
 * Where a row comes from. `from`: the source of its dataset. `reference` and `column` as the caller wrote them. Throws
 * InvalidRequest, NotFound.
 */
export const traceRow = async (
  { configurations, objects }: { configurations: Pick<SourceReader, 'getSource'>; objects: Reader },
  version: PublishedVersion,
  { from, reference, column }: { from: string; reference: string; column: string | undefined },
) => {
  const { dataset, raw, fields } = version;
  if (column !== undefined && !fields.some(({ name }) => name === column)) {
    throw invalid(
      'column',
      `there is no column '${column}'; the columns are ${fields.map(({ name }) => name).join(', ')}`,
    );
  }
  const found = await only(objects, version, reference);
  const line = found.lines.size === 1 ? [...found.lines][0] : null;
  const [source, quarantine] =
    line === null
      ? [undefined, []]
      : await Promise.all([
          readSourceLine(await needed(objects, raw.key), version.dialect, line),
          quarantined(objects, version, line),
        ]);
  const cells = sourceCells(await definitionOf(configurations, from), version, found.row, source?.fields ?? []);
  const narrowed = column === undefined ? cells : { [column]: cells[column] ?? [] };
  return {
    dataset,
    version: version.version,
    row: found.row,
    matches: found.matches,
    source: {
      url: raw.url,
      fetched_at: raw.fetched_at,
      sha256: raw.sha256,
      bytes: raw.bytes,
      raw: `/v1/datasets/${dataset}/download?format=raw&version=${version.version}`,
    },
    place: { line, cells: narrowed },
    parser_version: version.parser_version,
    text: source?.raw ?? null,
    quarantine,
  };
};

const invalid = (field: string, message: string): InvalidRequest =>
  InvalidRequest.of(field, message, `The request is invalid: ${field}: ${message}.`);

/** The row, or the rows of one line: those have one origin. */
const only = async (objects: Reader, version: PublishedVersion, text: string): Promise<FoundRow> => {
  const table = await openVersion(objects, version);
  let reference: RowReference;
  try {
    reference = readReference(text, table.fields);
  } catch (error) {
    if (error instanceof UnreadableReference) throw invalid('row', error.message);
    throw error;
  }
  const found = await findRow(table, reference);
  if (!found) {
    const { dataset, version: number } = version;
    const elsewhere =
      version.counts.rows_quarantined > 0 ? `; see /v1/datasets/${dataset}/quarantine?version=${number}` : '';
    throw new NotFound(`Version ${number} of the dataset '${dataset}' has no row ${text.slice(0, 200)}${elsewhere}.`);
  }
  if (found.matches > 1 && found.lines.size !== 1) {
    const where = found.lines.size > 1 ? ` in ${found.lines.size} lines` : '';
    const key = version.key.length > 0 ? `the key: ${version.key.join(', ')}` : 'the number of the row';
    throw invalid('row', `${found.matches} rows are so${where}; say more of the one that is meant, such as ${key}`);
  }
  return found;
};

const quarantined = async (objects: Reader, version: PublishedVersion, line: number) =>
  version.counts.rows_quarantined === 0
    ? []
    : quarantineOfLine(await needed(objects, `${version.prefix}quarantine.ndjson.gz`), line);

const needed = async (objects: Reader, key: string): Promise<Uint8Array> => {
  const bytes = await objects.get(key);
  if (!bytes) throw new Error(`The object ${key} of a published version is missing.`);
  return bytes;
};
