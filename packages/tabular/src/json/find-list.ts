/** Which list of a JSON document holds its records, where nobody says so. */
import { type JsonPath, pathText } from './json-path.ts';
import { createJsonScanner, type JsonPlace, type ValueKind } from './json-scanner.ts';
import { UnreadableJson } from './unreadable-json.ts';

/** Objects are looked into so far down. */
const DEEPEST = 20;
/** Lists of one document that are told apart. */
const MOST_LISTS = 1000;
const SHOWN = 10;

type List = { path: JsonPath; objects: number; others: number; kind: ValueKind };

/** `geojson`: the document says that it is a collection of features. `crs`: what it says of their coordinates. */
export type FoundList = { path: JsonPath; geojson: boolean; crs?: string };

/**
 * The one list of objects in a document, or in each of many: the outermost value itself, or a member of objects.
 * Throws UnreadableJson where there is none, or where there are several.
 */
export const findList = (chunks: Iterable<Uint8Array>, { many }: { many: boolean }): FoundList => {
  const lists = new Map<string, List>();
  let outermost: ValueKind = 'other';
  let type = '';
  let crs: string | undefined;
  const scanner = createJsonScanner(
    {
      at(place, kind) {
        if (place.length === 0) outermost = kind;
        if (typeof place.at(-1) === 'number') {
          const list = listAt(lists, place.slice(0, -1));
          if (list) count(list, kind);
          return 'skip';
        }
        if (kind === 'array') {
          listAt(lists, place);
          return 'enter';
        }
        if (place.length === 1 && ((place[0] === 'type' && kind === 'text') || place[0] === 'crs')) return 'take';
        return kind === 'object' && place.length < DEEPEST ? 'enter' : 'skip';
      },
      taken(text, place) {
        if (place[0] === 'type') type = textOf(text);
        else crs = text.toString().replace(/\s+/g, '').slice(0, 200);
      },
    },
    { many },
  );
  for (const chunk of chunks) scanner.push(chunk);
  scanner.end();
  const path = chosen([...lists.values()], outermost);
  const geojson = type === 'FeatureCollection' && pathText(path) === '$.features[*]';
  return { path, geojson, ...(geojson && crs !== undefined && crs !== 'null' && { crs }) };
};

const textOf = (text: Buffer): string => {
  try {
    return String(JSON.parse(text.toString()));
  } catch {
    return '';
  }
};

const listAt = (lists: Map<string, List>, place: JsonPlace): List | undefined => {
  const key = JSON.stringify(place);
  let list = lists.get(key);
  if (!list && lists.size < MOST_LISTS) {
    const path: JsonPath = [...place.map((name) => ({ name: String(name) })), '*'];
    list = { path, objects: 0, others: 0, kind: 'other' };
    lists.set(key, list);
  }
  return list;
};

const count = (list: List, kind: ValueKind): void => {
  if (kind === 'object') list.objects++;
  else {
    if (list.others === 0) list.kind = kind;
    list.others++;
  }
};

const chosen = (lists: readonly List[], outermost: ValueKind): JsonPath => {
  const fit = lists.filter(({ objects }) => objects > 0);
  if (fit.length === 1) return fit[0]!.path;
  if (fit.length > 1) {
    const paths = fit.slice(0, SHOWN).map(({ path }) => `'${pathText(path)}'`);
    throw new UnreadableJson(
      `it holds ${fit.length} lists of objects: ${paths.join(', ')}${fit.length > SHOWN ? ', …' : ''}; declare which one its records are (records)`,
    );
  }
  const empty = lists.filter(({ others }) => others === 0);
  if (lists.length === 1 && empty.length === 1) return empty[0]!.path;
  if (lists.length === 1 && outermost === 'array')
    throw new UnreadableJson(
      `it is a list of ${lists[0]!.kind === 'array' ? 'lists' : 'single values'}, not of objects; declare where its records are (records), such as '$[1][*]'`,
    );
  throw new UnreadableJson(
    "it holds no list of objects; declare where its records are (records): '$' where the whole is one record",
  );
};
