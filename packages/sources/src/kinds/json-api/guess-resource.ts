import type { GuessedAt } from '@granary/domain/kind';
import type { ResourceFile } from '@granary/domain/reading';
import { parseJsonPath, pathText, valueAt } from '@granary/tabular/json/json-path';
import { type JsonForm, jsonForm } from '@granary/tabular/json/json-records';
import { UnreadableJson } from '@granary/tabular/json/unreadable-json';
import { nextOfLink } from './link-header.ts';

/** Where APIs say the address of their next page. */
const NEXT = [
  ...['$.next', '$.next_page_url', '$.next_url', '$.nextPage', '$.next_page', '$.nextLink'],
  ...["$['@odata.nextLink']", '$.links.next', '$.links.next.href', '$._links.next', '$._links.next.href'],
  ...['$.meta.next', '$.paging.next', '$.pagination.next', '$.info.next', '$.result._links.next'],
];
/** A page is parsed whole for it. */
const MOST_BYTES = 32_000_000;

/**
 * The declaration of a list of objects, of which its first page is there: where the records are, and the address of the
 * next page where the answer says one. What it does not say, such as that `?page=2` has more, nobody can know.
 */
export const guessResource = (file: ResourceFile, { dataset, url, link }: GuessedAt): object => {
  const form = formOf(file);
  if (!form || 'lines' in form) return { dataset, url };
  const records = pathText(form.path);
  if (!records.endsWith('[*]')) return { dataset, url };
  if (nextOfLink(link, 'http://x.invalid/')) return { dataset, url, records, paging: { by: 'link' } };
  const path = nextIn(file, true);
  return path === undefined ? { dataset, url } : { dataset, url, records, paging: { by: 'next', path } };
};

/** Undefined where it is not clear; reading it says why. */
const formOf = (file: ResourceFile): JsonForm | undefined => {
  try {
    return jsonForm(file, {});
  } catch (error) {
    if (error instanceof UnreadableJson) return undefined;
    throw error;
  }
};

/** Where a document says the address of its next page; with `maybe`, also where it would say one if there were any. */
export const nextIn = (file: ResourceFile, maybe = false): string | undefined => {
  if (file.bytes > MOST_BYTES) return undefined;
  try {
    const parsed: unknown = JSON.parse(
      Buffer.from(file.read(0, file.bytes))
        .toString()
        .replace(/^\ufeff/, ''),
    );
    return NEXT.find((path) => isAddress(valueAt(parsed, parseJsonPath(path)), maybe));
  } catch {
    return undefined;
  }
};

/** Null says that there is no further page, and that one would be said here. */
const isAddress = (value: unknown, maybe: boolean): boolean =>
  (maybe && value === null) ||
  (typeof value === 'string' && /^(https?:\/\/|\/|\?|\.\/)/.test(value) && URL.canParse(value, 'http://x.invalid/'));
