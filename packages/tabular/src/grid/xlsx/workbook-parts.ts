/** What the parts of an .xlsx around its sheets say: which sheets there are, texts that cells share, and formats. */
import { attributesOf, type XmlHandler, xmlText } from './xml-scanner.ts';

const nothing = (): void => {};

/** Calls `open` with the attributes of each tag of one of the names, and of the names of tags around it. */
const tags = (
  names: readonly string[],
  take: (name: string, attributes: Readonly<Record<string, string>>) => void,
): XmlHandler => ({
  open(name, bytes, from, to) {
    if (names.includes(name)) take(name, attributesOf(bytes, from, to));
  },
  close: nothing,
  text: nothing,
});

export type ContentTypes = { workbooks: string[]; strings: string[]; styles: string[] };

/** `[Content_Types].xml`: names of parts, without the slash before them. */
export const contentTypes = (): XmlHandler & { found: ContentTypes } => {
  const found: ContentTypes = { workbooks: [], strings: [], styles: [] };
  const handler = tags(['Override'], (_, { PartName = '', ContentType = '' }) => {
    const part = PartName.replace(/^\//, '');
    if (/\.(sheet|template)\.(macroEnabled\.)?main\+xml$/i.test(ContentType)) found.workbooks.push(part);
    else if (ContentType.endsWith('.sharedStrings+xml')) found.strings.push(part);
    else if (ContentType.endsWith('.styles+xml')) found.styles.push(part);
  });
  return { ...handler, found };
};

/** Relations of a part by their ids. `type`: the last part of its address, such as `worksheet`. */
export const relations = (): XmlHandler & { found: Map<string, { type: string; target: string }> } => {
  const found = new Map<string, { type: string; target: string }>();
  const handler = tags(['Relationship'], (_, { Id = '', Type = '', Target = '', TargetMode }) => {
    if (TargetMode !== 'External') found.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), target: Target });
  });
  return { ...handler, found };
};

export type WorkbookSheets = { date1904: boolean; sheets: { name: string; relation: string; hidden: boolean }[] };

export const workbookSheets = (): XmlHandler & { found: WorkbookSheets } => {
  const found: WorkbookSheets = { date1904: false, sheets: [] };
  const handler = tags(['workbookPr', 'sheet'], (name, { date1904, name: title = '', id = '', state = '' }) => {
    if (name === 'sheet') found.sheets.push({ name: title, relation: id, hidden: /^(veryH|h)idden$/.test(state) });
    else if (date1904 !== undefined) found.date1904 = /^(1|true)$/.test(date1904);
  });
  return { ...handler, found };
};

/** Formats that files need not say, of those that show dates or times (ECMA-376, 18.8.30). */
const KNOWN: readonly (readonly [number, string])[] = [
  ...([
    [14, 'm/d/yy'],
    [15, 'd-mmm-yy'],
    [16, 'd-mmm'],
    [17, 'mmm-yy'],
    [18, 'h:mm AM/PM'],
  ] as const),
  ...([
    [19, 'h:mm:ss AM/PM'],
    [20, 'h:mm'],
    [21, 'h:mm:ss'],
    [22, 'm/d/yy h:mm'],
  ] as const),
  ...([
    [45, 'mm:ss'],
    [46, '[h]:mm:ss'],
    [47, 'mmss.0'],
  ] as const),
];

/** `formats`: of each style of cells; undefined for those that show no date. */
export const cellStyles = (): XmlHandler & { formats(): (string | undefined)[] } => {
  const codes = new Map<number, string>(KNOWN);
  const styles: number[] = [];
  let list = '';
  return {
    open(name, bytes, from, to) {
      if (name === 'cellXfs' || name === 'numFmts') list = name;
      else if (name === 'xf' && list === 'cellXfs') styles.push(Number(attributesOf(bytes, from, to).numFmtId ?? 0));
      else if (name === 'numFmt' && list === 'numFmts') {
        const { numFmtId, formatCode } = attributesOf(bytes, from, to);
        if (formatCode !== undefined && Number(numFmtId) > 0) codes.set(Number(numFmtId), formatCode);
      }
    },
    close(name) {
      if (name === list) list = '';
    },
    text: nothing,
    formats: () => styles.map((id) => codes.get(id)),
  };
};

/** The texts that cells share; null for one that has none. What is said of how they sound is no part of them. */
export const sharedStrings = (): XmlHandler & { strings: (string | null)[] } => {
  const strings: (string | null)[] = [];
  let text: string | null = null;
  let reading = false;
  let phonetic = false;
  return {
    strings,
    open(name) {
      if (name === 'si') text = null;
      else if (name === 'rPh') phonetic = true;
      else if (name === 't' && !phonetic) {
        reading = true;
        text ??= '';
      }
    },
    text(bytes, from, to, raw) {
      if (reading) text = (text ?? '') + xmlText(bytes, from, to, raw);
    },
    close(name) {
      if (name === 't') reading = false;
      else if (name === 'rPh') phonetic = false;
      else if (name === 'si') strings.push(text === null ? null : text.replaceAll('\r\n', '\n'));
    },
  };
};
