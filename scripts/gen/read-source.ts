import { InvalidRequest } from '@granary/domain/errors';
import type { Kind } from '@granary/domain/kind';
import type { Source } from '@granary/domain/source';
import { checkSource } from '@granary/sources/check-source';
import { type Document, isAlias, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/**
 * Reads a file of `sources/`, whose name errors begin with. Throws Error, one line a fault, each with line and column
 * (from 1): `sources/port.yml:12:9: datasets.0.fields.1.type: Invalid option`.
 */
export const readSource = (name: string, text: string, kinds: readonly Kind[]): Source => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw new Error(document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message.split('\n')[0]}`).join('\n'));
  try {
    return checkSource(withoutAnchors(document.toJS()), kinds);
  } catch (error) {
    if (!(error instanceof InvalidRequest) || error.fields.length === 0) throw error;
    const faults = error.fields.map(({ field, message }) => `${at(offsetOf(document, field))}: ${field}: ${message}`);
    throw new Error(faults.join('\n'));
  }
};

/** Members called `x-…` only hold what others refer to by YAML's anchors. */
const withoutAnchors = (written: unknown): unknown =>
  typeof written === 'object' && written !== null && !Array.isArray(written)
    ? Object.fromEntries(Object.entries(written).filter(([name]) => !name.startsWith('x-')))
    : written;

/**
 * Where the value of a path (`datasets.0.key`) begins; where there is none, the innermost one around it that is there.
 * What stands behind an alias is shown where its anchor is.
 */
const offsetOf = (document: Document.Parsed, path: string): number => {
  let place: Node | null = document.contents as Node | null;
  for (const name of path.split('.')) {
    const found: unknown =
      isMap(place) || isSeq(place) ? place.get(isSeq(place) ? Number(name) : name, true) : undefined;
    const next = isAlias(found as Node)
      ? (found as { resolve(of: Document): Node | undefined }).resolve(document)
      : found;
    if (!next) break;
    place = next as Node;
  }
  return place?.range?.[0] ?? 0;
};
