import { RefusedContent } from '@granary/domain/errors';
import type { AnsweredPage, Paging } from '@granary/domain/paging';
import { type JsonPath, parseJsonPath, pathText, valueAt } from '@granary/tabular/json/json-path';
import { nextOfLink } from './link-header.ts';
import type { Paged } from './paging-config.ts';

/** How the pages of a resource are read; `records` is the path of the list in each of them. */
export const pagingOf = (config: Paged, records: string): Paging => {
  const list = parseJsonPath(records).slice(0, -1);
  return {
    most_pages: config.most_pages,
    first_tells_all: config.etag_covers_all,
    read(page) {
      try {
        const parsed = parsePage(page);
        const found = listOf(parsed, list, page);
        const next = nextOf(config, page, parsed, found.length);
        return { records: found.length, fingerprint: JSON.stringify(found), next };
      } catch (error) {
        throw error instanceof RangeError ? ofPage(page, 'is nested too deep') : error;
      }
    },
  };
};

const ofPage = ({ number }: AnsweredPage, what: string): RefusedContent =>
  new RefusedContent(`Page ${number} ${what}.`);

/** Numbers as they are written: as numbers, long ones would lose digits, and a cursor may be one. */
export const exactNumbers = (_: string, value: unknown, context?: { source: string }): unknown =>
  typeof value === 'number' ? (context?.source ?? value) : value;

const parsePage = (page: AnsweredPage): unknown => {
  const text = Buffer.from(page.body)
    .toString()
    .replace(/^\ufeff/, '');
  if (/^\s*</.test(text)) throw ofPage(page, 'is a page of HTML or XML, not JSON');
  try {
    return JSON.parse(text, exactNumbers as never);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw ofPage(page, 'is JSON that was cut short or is not well-formed');
  }
};

/** A list of no records ends the pages; an answer without the list is an error that the API tells with a 200. */
const listOf = (parsed: unknown, path: JsonPath, page: AnsweredPage): unknown[] => {
  const found = path.length === 0 ? parsed : valueAt(parsed, path);
  if (Array.isArray(found)) return found;
  if (found === null && path.length > 0) return [];
  if (typeof found === 'object' && found !== null) return Object.values(found);
  throw ofPage(page, `has no list at '${pathText(path)}': ${JSON.stringify(parsed).slice(0, 200)}`);
};

const nextOf = (config: Paged, page: AnsweredPage, parsed: unknown, records: number): string | null => {
  switch (config.by) {
    case 'page':
      if (isLast(config, page, parsed, records)) return null;
      return withParameter(page.url, config.parameter, String(config.first + page.number));
    case 'offset':
      if (isLast(config, page, parsed, records)) return null;
      return withParameter(page.url, config.parameter, String(page.records_before + records));
    case 'link':
      return nextOfLink(page.link, page.url);
    case 'cursor': {
      const cursor = nextValue(parsed, config.path, page);
      return cursor === null ? null : withParameter(page.url, config.parameter, cursor);
    }
    case 'next': {
      const next = nextValue(parsed, config.path, page);
      if (next === null) return null;
      if (!URL.canParse(next, page.url))
        throw ofPage(page, `has no address at '${config.path}': '${next.slice(0, 200)}'`);
      return new URL(next, page.url).href;
    }
  }
};

/** Of pages that are counted, one without records is the last, or the one that completes the total. */
const isLast = ({ total }: { total?: string }, page: AnsweredPage, parsed: unknown, records: number): boolean => {
  if (total === undefined) return records === 0;
  const written = valueAt(parsed, parseJsonPath(total));
  if (typeof written !== 'string' || !/^\d+$/.test(written))
    throw ofPage(page, `has no number of records at '${total}'`);
  const read = page.records_before + records;
  if (records === 0 && read !== Number(written))
    throw ofPage(page, `has no records, and ${read} of ${written} were read`);
  return read >= Number(written);
};

/** Nothing, an empty text and false all say that there is no next page. */
const nextValue = (parsed: unknown, path: string, page: AnsweredPage): string | null => {
  const value = valueAt(parsed, parseJsonPath(path));
  if (value === undefined || value === null || value === false || value === '') return null;
  if (typeof value === 'string') return value;
  throw ofPage(page, `has something else than a text at '${path}': ${JSON.stringify(value).slice(0, 100)}`);
};

const withParameter = (url: string, name: string, value: string): string => {
  const next = new URL(url);
  next.searchParams.set(name, value);
  return next.href;
};
