import type { Guess, GuessedAt } from '@granary/domain/kind';
import type { ResourceFile } from '@granary/domain/reading';
import { type JsonPath, parseJsonPath, pathText, valueAt } from '@granary/tabular/json/json-path';
import { type JsonForm, jsonForm } from '@granary/tabular/json/json-records';
import { UnreadableJson } from '@granary/tabular/json/unreadable-json';
import { nextOfLink } from './link-header.ts';

/** Where APIs say what comes next, and how much there is. */
const PLACES = ['', '.meta', '.paging', '.pagination', '.info', '.result', '.page'];
const NEXT = [
  ...[
    "['@odata.nextLink']",
    '.next',
    '.next_page_url',
    '.next_url',
    '.nextPage',
    '.next_page',
    '.nextLink',
    '.next_cursor',
  ],
  ...['.nextCursor', '.nextPageToken', '.links.next', '.links.next.href', '._links.next', '._links.next.href'],
];
const MORE = ['.has_more', '.hasMore', '.has_next', '.hasNext', '.exceededTransferLimit'];
const TOTAL = ['.total', '.count', '.total_count', '.totalCount', '.total_results', '.totalResults', '.numberMatched'];
const inEach = (names: readonly string[]): string[] =>
  PLACES.flatMap((place) => names.map((name) => `$${place}${name}`));

/** A page is parsed whole for it. */
const MOST_BYTES = 32_000_000;

/**
 * The declaration of a list of objects, of which the first page is there: where the records are, and the address of the
 * next page where the answer says one. Where it says that there is more, and not at which address, that is a doubt.
 */
export const guessPages = (file: ResourceFile, { dataset, url, link }: GuessedAt): Guess => {
  const plain = { dataset, url };
  const form = formOf(file);
  if (!form || 'lines' in form) return { config: { resources: [plain] } };
  const records = pathText(form.path);
  const declared = (paging: object): Guess => ({ config: { resources: [{ ...plain, records, paging }] } });
  const isList = records.endsWith('[*]');
  if (isList && nextOfLink(link, SOMEWHERE) !== null) return declared({ by: 'link' });
  const parsed = parsedPage(file);
  const next = inEach(NEXT).find((path) => isNext(at(parsed, path)));
  if (isList && next !== undefined && isAddress(at(parsed, next))) return declared({ by: 'next', path: next });
  const sign = next ?? signOfMore(parsed, form.path);
  const doubts =
    sign === undefined
      ? []
      : [
          `It may be one page of several: '${sign}' is ${JSON.stringify(at(parsed, sign)).slice(0, 60)}. If so, declare its paging (by page, offset or cursor); or else { by: none }: nothing but this page is collected.`,
        ];
  return { config: { resources: [plain] }, doubts };
};

/** Where a document says the address of its next page. */
export const nextIn = (file: ResourceFile): string | undefined => {
  const parsed = parsedPage(file);
  return inEach(NEXT).find((path) => {
    const value = at(parsed, path);
    return value !== null && isAddress(value);
  });
};

const SOMEWHERE = 'http://somewhere.invalid/';
const at = (parsed: unknown, path: string): unknown => valueAt(parsed, parseJsonPath(path));

/** Undefined where it is not clear; reading it says why. */
const formOf = (file: ResourceFile): JsonForm | undefined => {
  try {
    return jsonForm(file, {});
  } catch (error) {
    if (error instanceof UnreadableJson) return undefined;
    throw error;
  }
};

const parsedPage = (file: ResourceFile): unknown => {
  if (file.bytes > MOST_BYTES) return undefined;
  try {
    return JSON.parse(
      Buffer.from(file.read(0, file.bytes))
        .toString()
        .replace(/^\ufeff/, ''),
    );
  } catch {
    return undefined;
  }
};

/** Null says that there is no further page, and that one would be said here. */
const isNext = (value: unknown): boolean =>
  value === null || typeof value === 'number' || (typeof value === 'string' && value !== '');
const isAddress = (value: unknown): boolean =>
  value === null ||
  (typeof value === 'string' && /^(https?:\/\/|\/|\?|\.\/|[\w.-]+\?)/.test(value) && URL.canParse(value, SOMEWHERE));

const signOfMore = (parsed: unknown, path: JsonPath): string | undefined => {
  const list = valueAt(parsed, path.slice(0, -1));
  const records = Array.isArray(list) ? list.length : Number.POSITIVE_INFINITY;
  return (
    inEach(MORE).find((one) => at(parsed, one) === true) ??
    inEach(TOTAL).find((one) => {
      const total = at(parsed, one);
      return typeof total === 'number' && total > records;
    })
  );
};
