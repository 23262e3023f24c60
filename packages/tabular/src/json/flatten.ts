/**
 * Records of JSON as rows: `{"address": {"city": "Faro"}}` has a column `address.city`. Lists are one cell each, of
 * JSON text. Numbers stay as they are written.
 */
import { compactJson } from './compact-json.ts';
import { geometryOf } from './geometry.ts';
import { UnreadableJson } from './unreadable-json.ts';

/** What JSON says a value is. `json`: a list, as JSON text. */
export type JsonSort = 'number' | 'text' | 'boolean' | 'json';
/** Of a record: no entry where there is nothing, or null. */
export type JsonCells = ReadonlyMap<JsonColumn, { sort: JsonSort; text: string }>;

/** Something that records hold. `title`: its names, joined by points. */
export type JsonColumn = { readonly title: string };

type Node = JsonColumn & {
  /** What names are looked for in, and no column. */
  isRoot: boolean;
  children: Map<string, Node>;
  /** The last record that has it. */
  seen: number;
  isCell: boolean;
  isNull: boolean;
};

/** A record that cannot be a row; the message says why. */
export class UnfitRecord extends Error {
  override name = 'UnfitRecord';
}

const MOST_NAMES = 5000;
/** Objects in objects. */
const DEEPEST = 50;

export type Flattener = {
  /** Throws UnfitRecord; and UnreadableJson where the records have too many different names. */
  read(text: string): JsonCells;
  /**
   * The columns of all records that were read, each beside its siblings, in the order in which they appeared. What was
   * only ever null is one too. `places`: with `lon` and `lat` of GeoJSON's points.
   */
  columns(options?: { places: boolean }): JsonColumn[];
  /** Whether all points lie where longitudes and latitudes can be. */
  readonly onEarth: boolean;
};

/** `features`: records are features of GeoJSON. Their properties are columns; then `geometry`, `lon` and `lat`. */
export const createFlattener = ({ features = false }: { features?: boolean } = {}): Flattener => {
  const root = nodeOf('', true);
  const properties = nodeOf('', true);
  const geometry = { whole: nodeOf('geometry'), lon: nodeOf('lon'), lat: nodeOf('lat') };
  let names = 0;
  let record = 0;
  let cells = new Map<Node, { sort: JsonSort; text: string }>();
  let nulls: Node[] = [];
  let onEarth = true;
  let text = '';
  let at = 0;

  const wrong = (): UnfitRecord =>
    new UnfitRecord(
      at >= text.length
        ? 'it is cut short'
        : `it is not well-formed JSON: ${JSON.stringify(text.slice(at, at + 20))} at character ${at + 1}`,
    );
  const blanks = (): void => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9; )
      code = text.charCodeAt(++at);
  };
  const take = (sign: string): boolean => {
    blanks();
    if (text[at] !== sign) return false;
    at++;
    return true;
  };

  const string = (): string => {
    const begun = at;
    for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
      let slashes = 0;
      while (text.charCodeAt(end - 1 - slashes) === 92) slashes++;
      if (slashes % 2 === 1) continue;
      const inner = text.slice(begun + 1, end);
      at = end + 1;
      if (!SPECIAL.test(inner)) return inner;
      try {
        const parsed: string = JSON.parse(text.slice(begun, at));
        if (parsed.isWellFormed()) return parsed;
      } catch {
        at = begun;
        throw wrong();
      }
      throw new UnfitRecord('a text has half of a character (a lone surrogate) in it');
    }
    at = text.length;
    throw wrong();
  };

  /** Where the value that begins here ends: its brackets and quotes are looked at, no more. */
  const endOfNested = (): number => {
    let depth = 0;
    for (let end = at; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 34) {
        const begun = at;
        at = end;
        string();
        end = at - 1;
        at = begun;
      } else if (code === 123 || code === 91) depth++;
      else if ((code === 125 || code === 93) && --depth === 0) return end + 1;
    }
    at = text.length;
    throw wrong();
  };

  const nested = (): unknown => {
    const begun = at;
    const end = endOfNested();
    try {
      const value = JSON.parse(text.slice(begun, end));
      at = end;
      return value;
    } catch {
      throw wrong();
    }
  };

  const put = (node: Node, sort: JsonSort, written: string): void => {
    cells.set(node, { sort, text: written });
  };

  const word = (expected: string): void => {
    if (!text.startsWith(expected, at)) throw wrong();
    at += expected.length;
  };

  const number = (): string => {
    NUMBER.lastIndex = at;
    const written = NUMBER.exec(text)?.[0];
    if (written === undefined) throw wrong();
    at += written.length;
    return written;
  };

  const value = (node: Node, depth: number): void => {
    blanks();
    const begun = at;
    switch (text[at]) {
      case '{':
        object(node, depth);
        break;
      case '[':
        nested();
        put(node, 'json', compactJson(text.slice(begun, at)));
        break;
      case '"':
        put(node, 'text', string());
        break;
      case 't':
        word('true');
        put(node, 'boolean', 'true');
        break;
      case 'f':
        word('false');
        put(node, 'boolean', 'false');
        break;
      case 'n':
        word('null');
        nulls.push(node);
        break;
      default:
        put(node, 'number', number());
    }
  };

  const childOf = (node: Node, name: string): Node => {
    let child = node.children.get(name);
    if (!child) {
      if (++names > MOST_NAMES)
        throw new UnreadableJson(
          `its records have more than ${MOST_NAMES} different names, such as '${name.slice(0, 100)}': names that are data are no columns`,
        );
      child = nodeOf(node.isRoot ? name : `${node.title}.${name}`);
      node.children.set(name, child);
    }
    if (child.seen === record) throw new UnfitRecord(`the name '${child.title.slice(0, 100)}' stands in it twice`);
    child.seen = record;
    return child;
  };

  /** `{}` says as much as null does. */
  const object = (node: Node, depth: number, member = value): void => {
    if (depth > DEEPEST) throw new UnfitRecord(`it is nested deeper than ${DEEPEST} levels`);
    take('{');
    if (take('}')) {
      nulls.push(node);
      return;
    }
    do {
      blanks();
      if (text[at] !== '"') throw wrong();
      const child = childOf(node, string());
      if (!take(':')) throw wrong();
      member(child, depth + 1);
    } while (take(','));
    if (!take('}')) throw wrong();
  };

  const featureMember = (child: Node, depth: number): void => {
    blanks();
    if (child.title === 'type') {
      if (text[at] !== '"' || string() !== 'Feature') throw new UnfitRecord('its type is not "Feature"');
    } else if (child.title === 'properties' && text[at] === '{') object(properties, depth);
    else if (child.title === 'properties') word('null');
    else if (child.title === 'geometry' && text[at] === '{') feature(nested());
    else if (child.title === 'geometry') {
      word('null');
      nulls.push(geometry.whole);
    } else value(child, depth);
  };

  const feature = (written: unknown): void => {
    const found = geometryOf(written);
    if (!found) throw new UnfitRecord('its geometry is none that GeoJSON knows');
    put(geometry.whole, 'text', found.wkt);
    if (!found.point) return;
    const [lon, lat] = found.point;
    onEarth &&= Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    put(geometry.lon, 'number', asDecimal(lon));
    put(geometry.lat, 'number', asDecimal(lat));
  };

  return {
    read(written) {
      record++;
      [text, at, cells, nulls] = [written, 0, new Map(), []];
      blanks();
      if (text[at] !== '{') throw new UnfitRecord(`it is ${whatItIs(text[at])}, and no object`);
      object(root, 1, features ? featureMember : value);
      blanks();
      if (at < text.length) throw wrong();
      for (const node of cells.keys()) node.isCell = true;
      for (const node of nulls) node.isNull = true;
      return cells;
    },
    columns: ({ places } = { places: true }) =>
      features
        ? [
            ...columnsOf(properties),
            ...columnsOf(root),
            ...columnsOf(geometry.whole),
            ...(places ? [geometry.lon, geometry.lat] : []),
          ].filter((column) => (column as Node).isCell || (column as Node).isNull)
        : columnsOf(root),
    get onEarth() {
      return onEarth;
    },
  };
};

/** Places are doubles, also where all of them happen to be whole. */
const asDecimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const nodeOf = (title: string, isRoot = false): Node => ({
  ...{ title, isRoot, children: new Map() },
  ...{ seen: 0, isCell: false, isNull: false },
});

/** Escapes, and what may not stand in a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them.
const SPECIAL = /[\\\u0000-\u001f]/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const whatItIs = (first: string | undefined): string => {
  if (first === '[') return 'a list';
  if (first === '"') return 'a text';
  if (first === 'n') return 'null';
  return first === 't' || first === 'f' ? 'a truth value' : 'a single value';
};

const columnsOf = (node: Node): Node[] => {
  const below = [...node.children.values()].flatMap(columnsOf);
  const isColumn = !node.isRoot && (node.isCell || (node.isNull && below.length === 0));
  return isColumn ? [node, ...below] : below;
};
