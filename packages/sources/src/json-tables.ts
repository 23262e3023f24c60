import { RefusedContent } from '@granary/domain/errors';
import { type FoundTable, onlyTable, type ReadOptions, type ResourceFile } from '@granary/domain/reading';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { pathText } from '@granary/tabular/json/json-path';
import {
  BEFORE_JSON,
  type JsonDeclaration,
  type JsonForm,
  type JsonInput,
  jsonForm,
} from '@granary/tabular/json/json-records';
import { readJson } from '@granary/tabular/json/read-json';
import { UnreadableJson } from '@granary/tabular/json/unreadable-json';
import { refuseOtherThanText } from './csv/content-check.ts';
import { FIXED_FORM } from './fixed-form.ts';
import { markersOf } from './missing-markers.ts';

/** Whether a file begins as JSON does. */
export const isJson = (file: ResourceFile): boolean =>
  /^[[{]/.test(Buffer.from(file.read(0, 4096)).toString().replace(BEFORE_JSON, ''));

/**
 * The table of a file of JSON of any size: a list of objects, or one object on each line. Objects in objects are
 * flattened, lists in them are JSON text. Throws RefusedContent, and so does what reads it.
 */
export const jsonTables = async (
  { missing, ...declared }: JsonDeclaration & { missing?: readonly string[] },
  file: ResourceFile,
): Promise<readonly FoundTable[]> => {
  const head = file.read(0, 65_536);
  if (!declared.lines && !isJson(file)) {
    refuseOtherThanText(head, {}, 'JSON');
    throw new RefusedContent('The file is text, not JSON.');
  }
  const input: JsonInput = { bytes: file.bytes, chunks: () => file.chunks(), read: (from, to) => file.read(from, to) };
  const form = readable(() => jsonForm(input, declared));
  const place = placeOf(form);
  const [table] = onlyTable(async ({ processing_date, fields = [] }: ReadOptions, out) => {
    const contract = { fields: fields.filter(({ name }) => !isProvenance(name)) };
    const markers = markersOf(missing);
    try {
      const reading = await readJson(input, form, { contract, missing: markers, processing_date }, out);
      return { dialect: FIXED_FORM, header: reading.header, notes: notesOf(form, place, reading.without_places) };
    } catch (error) {
      throw refusal(error);
    }
  });
  return [{ ...table!, place }];
};

const placeOf = (form: JsonForm): string =>
  'lines' in form ? 'one record on each line' : `the list ${pathText(form.path)}`;

const notesOf = (form: JsonForm, place: string, without: string | undefined): string[] => [
  `It is ${place}; \`line\` is the number of the ${'lines' in form ? 'line' : 'record'}.`,
  ...(form.geojson ? ['Each record is a feature of GeoJSON: `geometry` is well-known text (WKT).'] : []),
  ...(without === undefined ? [] : [`There are no columns lon and lat: ${without}.`]),
];

const readable = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw refusal(error);
  }
};

const refusal = (error: unknown): unknown =>
  error instanceof UnreadableJson
    ? new RefusedContent(`The file is JSON that cannot be read: ${error.message}.`)
    : error;
