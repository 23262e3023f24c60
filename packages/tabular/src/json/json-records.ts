/** The records of a file of JSON, one after the other. */
import { type FoundList, findList } from './find-list.ts';
import { isStep, type JsonPath, parseJsonPath, pathText } from './json-path.ts';
import { createJsonScanner, MOST_TAKEN } from './json-scanner.ts';
import { UnreadableJson } from './unreadable-json.ts';

export type JsonInput = {
  /** From the first byte on, anew at each call. */
  chunks(): Iterable<Uint8Array>;
  read(from: number, to: number): Uint8Array;
  readonly bytes: number;
};

/**
 * How records lie in a file: each on a line of its own, or at a path of the document. `many`: of each of several
 * documents, one after the other. `geojson`: they are features.
 */
export type JsonForm = ({ lines: true } | ({ path: JsonPath; many: boolean } & Pick<FoundList, 'crs'>)) & {
  geojson: boolean;
};

/**
 * `pages`: the file is pages of an API, one document each. `lines`: each line is a record. `records`: a path ({@link
 * parseJsonPath}).
 */
export type JsonDeclaration = { records?: string; pages?: boolean; lines?: true };

const HEAD = 65_536;
/** White space, a byte order mark, and the mark before a record of a JSON text sequence (RFC 8142). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that mark is one.
export const BEFORE_JSON = /^[\s\x1e\ufeff]+/;

/**
 * Finds out how a file is laid out. Throws UnreadableJson for what is not well-formed, and where it is not clear what
 * the records are.
 */
export const jsonForm = (input: JsonInput, { records, pages = false, lines }: JsonDeclaration): JsonForm => {
  if (lines) return { lines, geojson: endsInFeatures([], input) };
  const head = Buffer.from(input.read(0, HEAD));
  refuseUtf16(head);
  const declared = records === undefined ? undefined : parseJsonPath(records);
  const first = pages ? undefined : firstLine(input, head);
  if (first && (declared ?? []).length === 0) return { lines: true, geojson: isFeature(first) };
  if (declared) return { path: declared, many: pages || first !== undefined, geojson: endsInFeatures(declared, input) };
  try {
    return { ...findList(input.chunks(), { many: pages }), many: pages };
  } catch (error) {
    if (!(error instanceof UnreadableJson) || !error.message.includes('behind the end')) throw error;
    throw new UnreadableJson(
      `${error.message}; several values in one file must stand on a line each, the first one on the first line`,
    );
  }
};

const refuseUtf16 = (head: Buffer): void => {
  const [a, b] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || a === 0 || (b === 0 && head.length > 1))
    throw new UnreadableJson('it is encoded as UTF-16 or UTF-32, and JSON is UTF-8');
};

/** The object on the first line, where that is a document of its own and another one follows. */
const firstLine = (input: JsonInput, head: Buffer): Record<string, unknown> | undefined => {
  const looked = head.includes(0x0a) ? head : Buffer.from(input.read(0, MOST_TAKEN));
  const [line, end] = lineOf(looked);
  if (!line.startsWith('{') || end < 0) return undefined;
  try {
    const value = JSON.parse(line);
    const rest = Buffer.from(input.read(end, end + HEAD)).toString('latin1');
    return rest.replace(BEFORE_JSON, '').startsWith('{') ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The first line that is not blank, and where the next one begins; -1 where there is none. */
const lineOf = (bytes: Buffer): [string, number] => {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    const line = trimmed(bytes.subarray(from, end < 0 ? bytes.length : end).toString());
    if (line !== '' || end < 0) return [line, end < 0 ? -1 : end + 1];
    from = end + 1;
  }
  return ['', -1];
};

const trimmed = (line: string): string => line.replace(BEFORE_JSON, '').trimEnd();

const isFeature = ({ type, properties, geometry }: Record<string, unknown>): boolean =>
  type === 'Feature' && properties !== undefined && geometry !== undefined;

/** A declared path may lead to features, too: the first record tells. */
const endsInFeatures = (path: JsonPath, input: JsonInput): boolean => {
  let found: boolean | undefined;
  const scanner = recordScanner(path, true, (text) => {
    if (found !== undefined) return;
    try {
      const value = JSON.parse(text);
      found = typeof value === 'object' && value !== null && isFeature(value);
    } catch {
      found = false;
    }
  });
  for (const chunk of input.chunks()) {
    pushed(scanner, chunk, path);
    if (found !== undefined) return found;
  }
  return false;
};

const recordScanner = (path: JsonPath, many: boolean, onRecord: (text: string) => void) =>
  createJsonScanner(
    {
      at(place) {
        const depth = place.length;
        if (depth > 0 && !isStep(path[depth - 1]!, place[depth - 1]!)) return 'skip';
        return depth === path.length ? 'take' : 'enter';
      },
      taken: (text) => onRecord(text.toString()),
    },
    { many },
  );

/**
 * Gives each record's text with its number from 1, or the number of its line. Throws UnreadableJson, also where a path
 * leads nowhere.
 */
export const eachRecord = async (
  input: JsonInput,
  form: JsonForm,
  onRecord: (text: string, line: number) => void,
): Promise<void> => {
  let records = 0;
  const reader =
    'lines' in form
      ? lineReader(onRecord)
      : recordScanner(form.path, form.many, (text) => {
          records++;
          onRecord(text, records);
        });
  for (const chunk of input.chunks()) {
    if ('lines' in form) reader.push(chunk);
    else pushed(reader, chunk, form.path);
    // Other work of the process gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  reader.end();
};

/** A record that never ends may be a list that was taken for one. */
const pushed = (reader: { push(chunk: Uint8Array): void }, chunk: Uint8Array, path: JsonPath): void => {
  try {
    reader.push(chunk);
  } catch (error) {
    if (!(error instanceof UnreadableJson) || !error.message.startsWith('one record has more')) throw error;
    const written = pathText(path);
    throw new UnreadableJson(`${error.message}; if '${written}' is a list, its records are '${written}[*]'`);
  }
};

const lineReader = (onRecord: (text: string, line: number) => void) => {
  let held: Buffer[] = [];
  let bytes = 0;
  let line = 0;
  const give = (last: Uint8Array): void => {
    line++;
    const text = trimmed(Buffer.concat([...held, last]).toString());
    [held, bytes] = [[], 0];
    if (text !== '') onRecord(text, line);
  };
  return {
    push(chunk: Uint8Array) {
      let from = 0;
      for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
        give(chunk.subarray(from, end));
        from = end + 1;
      }
      if (from === chunk.length) return;
      held.push(Buffer.from(chunk.subarray(from)));
      bytes += chunk.length - from;
      if (bytes > MOST_TAKEN) throw new UnreadableJson(`line ${line + 1} has more than ${MOST_TAKEN} bytes`);
    },
    end() {
      if (held.length > 0) give(Buffer.alloc(0));
    },
  };
};
