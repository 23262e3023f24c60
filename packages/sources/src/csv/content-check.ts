import { RefusedContent } from '@granary/domain/errors';
import type { ResourceFile } from '@granary/domain/reading';
import { withoutPii } from '@granary/domain/rules/without-pii';
import { decodeSample } from '@granary/tabular/csv/encoding';
import { sniffEncoding } from '@granary/tabular/csv/sniff-encoding';
import type { Dialect } from '@granary/tabular/table';

const SIGNATURES: readonly { what: string; bytes: readonly number[] }[] = [
  { what: 'a ZIP archive or a workbook', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { what: 'a legacy workbook', bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { what: 'gzip data', bytes: [0x1f, 0x8b] },
  { what: 'a PDF', bytes: [0x25, 0x50, 0x44, 0x46] },
  { what: 'a Parquet file', bytes: [0x50, 0x41, 0x52, 0x31] },
];

/** ZIP, of which workbooks are made since 2007, and the container of older ones. */
export const isWorkbook = (file: ResourceFile): boolean => {
  const head = file.read(0, 4);
  return SIGNATURES.slice(0, 2).some(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
};

/** Whether text begins as HTML, XML or JSON does: it is no table of lines. */
export const beginsWithMarkup = (file: ResourceFile): boolean =>
  /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*[<{[]/.test(Buffer.from(file.read(0, 512)).toString('latin1'));

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells a binary from text.
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/g;

const LONGEST_TITLE = 120;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

/** What the page calls itself: an error, a page to sign in. It is told whoever reads the reason, so without PII. */
const titleOf = (page: string): string => {
  const title = (/<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? '')
    .replaceAll(/&(#?\w{2,5});/g, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? entity)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return title && ` with the title '${withoutPii(title).slice(0, LONGEST_TITLE)}'`;
};

/**
 * Looks at the first bytes of a file for what is surely not a table of text. `wanted`: what it was to be.
 * @throws RefusedContent that says what it is instead.
 */
export const refuseOtherThanText = (
  sample: Uint8Array,
  declared: { encoding?: Dialect['encoding'] } = {},
  wanted = 'CSV',
): void => {
  if (sample.length === 0) throw new RefusedContent('The file is empty.');
  const known = SIGNATURES.find(({ bytes }) => bytes.every((byte, i) => sample[i] === byte));
  if (known) throw new RefusedContent(`The file is ${known.what}, not ${wanted}.`);
  const encoding = declared.encoding ? { encoding: declared.encoding, mojibake: false } : sniffEncoding(sample);
  const text = decodeSample(sample, encoding).slice(0, 16_384);
  const begin = text.replace(/^\ufeff/, '').trimStart();
  if (begin === '' && sample.length < 65_536) throw new RefusedContent('The file holds nothing but white space.');
  if (begin.startsWith('<'))
    throw new RefusedContent(
      /^<(\?xml|rss|svg)/i.test(begin)
        ? `The file is XML, not ${wanted}.`
        : `The file is an HTML page${titleOf(begin)}, not ${wanted}.`,
    );
  if (wanted === 'CSV' && /^[{[]/.test(begin)) throw new RefusedContent('The file is JSON, not CSV.');
  if ((text.match(CONTROL)?.length ?? 0) > text.length * 0.005)
    throw new RefusedContent(`The file is binary, not ${wanted}.`);
  const [unknown] = 'uncertain' in encoding ? (encoding.uncertain ?? []) : [];
  if (unknown) throw new RefusedContent(`The encoding of the file is not known (${unknown.readings.join(', ')}).`);
};
