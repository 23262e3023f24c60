import { readFileSync } from 'node:fs';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { type MeasureText, readFontWidths } from './font-widths.ts';
import { escapeXml } from './plain-text.ts';
import { MARGIN, type Spec } from './plot-spec.ts';
import { fontFile } from './renderer-files.ts';
import { type Colours, FONT } from './themes.ts';

const { loader, parse, resetSVGDefIds, View } = vega;
type MeasureItem = (item: { fontSize?: number; limit?: number }, text: unknown) => number;
/** Its types leave this out. */
const { textMetrics } = vega as unknown as { textMetrics: { width: MeasureItem } };

let measure: MeasureText | undefined;

/** Widths in the font that PNGs are drawn with. */
export const measureText = (): MeasureText => {
  measure ??= readFontWidths(readFileSync(fontFile()));
  return measure;
};

export type Frame = {
  title: string;
  /** Alternative text. */
  description: string;
  /** Of the records that are drawn, relative to the plot's own address. */
  href: string;
  /** What stands below, as the link. */
  source: string;
  width: number;
  height: number;
  colours: Colours;
};

/** The SVG of a specification; the same text every time. It fetches nothing: data and font names are all it needs. */
export const drawSvg = (spec: Spec, frame: Frame): Promise<string> => {
  // One after the other: Vega numbers gradients and clips by counters of the process, which are set back for each.
  const drawn = last.then(() => draw(spec, frame));
  last = drawn.catch(() => undefined);
  return drawn;
};

let last: Promise<unknown> = Promise.resolve();

const draw = async (spec: Spec, frame: Frame): Promise<string> => {
  const widthOf = measureText();
  // Vega measures through this; it would guess, and labels would overlap. At most the limit, since it is asked for
  // texts not yet cut too.
  textMetrics.width = (item, text) => {
    const width = widthOf(String(text ?? '')) * (item.fontSize ?? 11);
    return item.limit && item.limit > 0 ? Math.min(width, item.limit) : width;
  };
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { logger: SILENT as never });
  const view = new View(parse(compiled), { renderer: 'none', loader: NOWHERE, logger: SILENT as never });
  try {
    resetSVGDefIds();
    return framed(await view.toSVG(), frame);
  } finally {
    view.finalize();
  }
};

const refuse = async (): Promise<never> => {
  throw new Error('A plot loads nothing.');
};
const NOWHERE = { ...loader(), load: refuse, sanitize: refuse, http: refuse, file: refuse };

/** Vega warns of an infinite extent where there are no figures, and of the like; that is seen in the plot. */
const SILENT = {
  level: () => SILENT,
  error: (...said: unknown[]) => {
    throw new Error(`Vega: ${said.join(' ')}`);
  },
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};

/** Puts what Vega leaves out around its drawing: role, title, description, size, and the link to the data. */
const framed = (svg: string, { title, description, href, source, width, height, colours }: Frame): string => {
  const begin = svg.indexOf('>') + 1;
  const end = svg.lastIndexOf('</svg>');
  if (!svg.startsWith('<svg ') || end < begin) throw new Error('Vega drew something else than one SVG element.');
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
    ` role="img" aria-label="${escapeXml(title)}">`;
  const text = `<text x="${MARGIN.side}" y="${height - 14}" font-family="${FONT}" font-size="10.5px" fill="${colours.link}">${escapeXml(source)}</text>`;
  return (
    `${open}<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>` +
    `${svg.slice(begin, end)}<a href="${escapeXml(href)}">${text}</a></svg>\n`
  );
};
