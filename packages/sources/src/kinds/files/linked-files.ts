import { DATASET_ID_LENGTH } from '@granary/domain/dataset';
import { RefusedContent } from '@granary/domain/errors';
import type { Resource } from '@granary/domain/source';
import { UnreadableHtml } from '@granary/tabular/grid/html';
import { type HtmlLink, readLinks } from '@granary/tabular/grid/html-links';
import { toIdentifier } from '@granary/tabular/identifier';
import { decoded } from '../../decoded.ts';
import type { DeclaredLinks } from './config.ts';

type LinkedFile = { url: URL; text: string };

/**
 * The files that a page of HTML links to, each address once. A file is known by the path of its address: its query, and
 * what looks like a hash in its name, may change. Throws RefusedContent for a page without such links.
 */
export const linkedFiles = async (links: DeclaredLinks, page: string, body: Uint8Array): Promise<Resource[]> => {
  if (!/<(!doctype|html|head|body|a|div|ul|table)\b/i.test(Buffer.from(body.subarray(0, 65_536)).toString('latin1')))
    throw new RefusedContent('The file is no page of HTML.');
  const { dataset, selector, matching } = links;
  const all = await linksOf(body, page, selector);
  const files = onceEach(all).filter(({ url }) => matching === undefined || isLike(url, matching));
  if (files.length === 0) {
    const asked = [selector && `the selector '${selector}'`, matching && `the pattern '${matching}'`];
    const by = asked.filter((one) => one).join(' and ');
    throw new RefusedContent(
      `The page links to no file${by && ` by ${by}`}; it has ${all.length} links that are looked at.`,
    );
  }
  const paths = files.map(({ url }) => withoutHash(url));
  return files.map(({ url, text }, index): Resource => {
    const isOwn = paths.indexOf(paths[index]!) === paths.lastIndexOf(paths[index]!);
    // Files of one path are told apart by their queries, such as `download?id=3`.
    const id = isOwn ? paths[index]! : `${paths[index]}${url.search}`;
    const file = nameOf(paths[index]!);
    const title = text || decoded(url.pathname.split('/').at(-1)!) || url.host;
    const name = toIdentifier(isOwn ? file : title) || toIdentifier(file) || 'file';
    return {
      dataset: `${dataset}_${name}`.slice(0, DATASET_ID_LENGTH - 10).replace(/_+$/, ''),
      id: id.slice(-256),
      url: url.href,
      hints: { links: dataset },
      title: title.slice(0, 200),
    };
  });
};

const linksOf = async (body: Uint8Array, page: string, selector: string | undefined): Promise<HtmlLink[]> => {
  try {
    return await readLinks(body, page, selector);
  } catch (error) {
    throw error instanceof UnreadableHtml ? new RefusedContent(`The page cannot be read: ${error.message}.`) : error;
  }
};

/** By the first text that names it. */
const onceEach = (links: readonly HtmlLink[]): LinkedFile[] => {
  const files = new Map<string, LinkedFile>();
  for (const { href, text } of links) {
    const url = new URL(href);
    url.hash = '';
    const known = files.get(url.href);
    if (known) known.text ||= text;
    else files.set(url.href, { url, text });
  }
  return [...files.values()];
};

/** `*` is anything but a `/`. Without a `/`, the pattern is of the name of the file, in either case of its letters. */
const isLike = (url: URL, pattern: string): boolean => {
  const [written, text] = pattern.includes('/')
    ? [pattern.replace(/^\//, ''), decoded(url.pathname)]
    : [pattern, decoded(url.pathname.split('/').at(-1)!)];
  const expression = written
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*');
  return new RegExp(`(^|/)${expression}$`, 'i').test(text);
};

/** `/data/rain.3f2a9c81.csv` is `/data/rain.csv`. What is a number is no hash: `20240131` is a day. */
const withoutHash = (url: URL): string =>
  decoded(url.pathname).replace(/[-._](?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{8,64}(?=\.[^/]*$|$)/i, '');

const nameOf = (path: string): string =>
  path
    .split('/')
    .at(-1)!
    .replace(/(\.(gz|zip|csv|tsv|txt|xlsx?|xlsm|xlsb|ods|json|geojson|ndjson|parquet))+$/i, '');
