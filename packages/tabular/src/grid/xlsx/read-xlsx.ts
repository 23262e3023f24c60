/** Workbooks of Office Open XML (.xlsx, .xlsm) as grids: their XML is read as it is inflated, and never held whole. */
import { posix } from 'node:path';
import { createSheetNotes } from '../sheet-notes.ts';
import type { Sheet, Workbook } from '../sheets.ts';
import { UnreadableWorkbook } from '../unreadable-workbook.ts';
import { createFigures, type FormatRules } from '../workbook-dates.ts';
import { createSheetRows } from './sheet-rows.ts';
import { cellStyles, contentTypes, relations, sharedStrings, workbookSheets } from './workbook-parts.ts';
import { BrokenXml, createXmlScanner, UnfamiliarXml, type XmlHandler } from './xml-scanner.ts';
import { type FileInPieces, openParts, type ZipParts } from './zip-parts.ts';

/** Cells of all sheets, with those that are empty between others: some 8 to 24 bytes each. */
const MOST_CELLS = 30_000_000;
/** A part that other kinds of files have: OpenDocument, UOF, Numbers. */
const OTHERS = ['META-INF/manifest.xml', 'objectdata.xml', 'Index/Document.iwa'];

/**
 * Null for what is no such workbook, or is one in a way that is not known here. Throws UnreadableWorkbook for one that
 * is damaged, or has too many cells.
 */
export const readXlsx = async (file: FileInPieces, rules: FormatRules): Promise<Workbook | null> => {
  const parts = await openParts(file).catch(() => null);
  if (!parts?.has('[Content_Types].xml') || OTHERS.some(parts.has)) return null;
  try {
    return await readParts(parts, rules);
  } catch (error) {
    if (error instanceof UnfamiliarXml) return null;
    throw error;
  }
};

const through = async <H extends XmlHandler>(parts: ZipParts, name: string, handler: H): Promise<H> => {
  const scanner = createXmlScanner(handler);
  try {
    for await (const chunk of parts.read(name)) scanner.push(chunk);
    scanner.end();
    return handler;
  } catch (error) {
    if (!(error instanceof BrokenXml)) throw error;
    throw new UnreadableWorkbook(`the workbook is damaged (${name}: ${error.message})`);
  }
};

const readParts = async (parts: ZipParts, rules: FormatRules): Promise<Workbook | null> => {
  const { found } = await through(parts, '[Content_Types].xml', contentTypes());
  const [main, other] = found.workbooks;
  if (main === undefined || other !== undefined || !parts.has(main)) return null;
  const folder = posix.dirname(main);
  const relationsOf = `${folder}/_rels/${posix.basename(main)}.rels`;
  if (!parts.has(relationsOf)) return null;
  const related = (await through(parts, relationsOf, relations())).found;
  const { date1904, sheets: listed } = (await through(parts, main, workbookSheets())).found;
  const [shared] = found.strings;
  const strings =
    shared !== undefined && parts.has(shared) ? (await through(parts, shared, sharedStrings())).strings : [];
  const [styled] = found.styles;
  const formats =
    styled !== undefined && parts.has(styled) ? (await through(parts, styled, cellStyles())).formats() : [];
  const figures = createFigures(rules, date1904);
  const figure = (value: number, style: number) => figures(value, formats[style]);
  let left = MOST_CELLS;
  const take = (cells: number): void => {
    left -= cells;
    if (left < 0)
      throw new UnreadableWorkbook(`the workbook has more than ${MOST_CELLS} cells; publish its sheets as CSV`);
  };
  const sheets: Sheet[] = [];
  const hidden: string[] = [];
  for (const { name, relation, hidden: isHidden } of listed) {
    const { type, target } = related.get(relation) ?? {};
    if (target === undefined) throw new UnfamiliarXml('a sheet has no part');
    if (type !== 'worksheet') continue;
    if (isHidden) {
      hidden.push(name);
      continue;
    }
    const path = target.startsWith('/') ? target.slice(1) : posix.join(folder, target);
    if (!parts.has(path)) throw new UnfamiliarXml('a sheet has no part');
    const { all, ...notes } = createSheetNotes();
    const { rows, spans } = await through(parts, path, createSheetRows({ strings, figure, take, ...notes }));
    sheets.push({ name, grid: { rows, spans }, notes: all() });
  }
  return { sheets, hidden };
};
