/** The widgets of a dashboard on one page, as SVG. */

import {
  type Clients,
  type Light,
  type Line,
  lightsOf,
  linesOf,
  rowsOf,
  type Table,
  type Times,
  timesOf,
  type Widget,
} from './ask.ts';
import { drawChart, FONT, widthOf } from './chart.ts';

const COLUMN = 52;
const ROW = 33;
const GAP = 4;
const PAD = 8;
const TITLE = 18;
const LEGEND = 13;

const escaped = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
const text = (x: number, y: number, size: number, content: string, more = '') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" ${more}>${escaped(content)}</text>`;

/** Cut to a width, with an ellipsis. */
const fitted = (content: string, size: number, width: number): string => {
  if (widthOf(content, size) <= width) return content;
  let end = content.length;
  while (end > 0 && widthOf(`${content.slice(0, end)}…`, size) > width) end -= 1;
  return `${content.slice(0, end)}…`;
};

const figure = (value: number): string => {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return Number.isInteger(value) ? value.toLocaleString('en-GB') : String(Number(value.toPrecision(3)));
};

/** As many rows as it takes; the height of them all is told. */
const legend = (lines: readonly Line[], width: number): { svg: string; height: number } => {
  let [x, row] = [0, 0];
  const parts = lines.map(({ label, color, right }) => {
    const words = right ? `${label} →` : label;
    const needed = 14 + widthOf(words, 9) + 12;
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const svg = `<rect x="${x.toFixed(1)}" y="${row * LEGEND + 2}" width="9" height="9" fill="${color}"/>${text(x + 13, row * LEGEND + 10, 9, words, 'fill="#444"')}`;
    x += needed;
    return svg;
  });
  return { svg: parts.join(''), height: (row + 1) * LEGEND };
};

const chartCard = async (widget: Widget, lines: readonly Line[], times: Times, width: number, height: number) => {
  const names = legend(lines, width);
  const size = { width, height: height - names.height - 2 };
  const chart = await drawChart(widget, lines, times, size);
  const none = lines.every(({ points }) => points.length === 0)
    ? text(width / 2, size.height / 2, 10, 'no data in this time', 'fill="#999" text-anchor="middle"')
    : '';
  return `${chart}${none}<g transform="translate(0 ${(size.height + 2).toFixed(1)})">${names.svg}</g>`;
};

const figuresCard = (lines: readonly Line[], width: number, height: number): string => {
  const each = width / lines.length;
  return lines
    .map(({ label, color, points }, n) => {
      const value = points.at(-1)?.value;
      const x = n * each;
      return (
        text(x, height * 0.55, 22, value === undefined ? '–' : figure(value), `fill="${color}"`) +
        text(x, height * 0.55 + 15, 9.5, fitted(label, 9.5, each - 6), 'fill="#444"')
      );
    })
    .join('');
};

const tableCard = ({ columns, rows }: Table, width: number, height: number): string => {
  if (rows.length === 0)
    return text(width / 2, height / 2, 10, 'no lines in this time', 'fill="#999" text-anchor="middle"');
  const size = 9;
  const line = 14;
  const shown = rows
    .slice(0, Math.floor(height / line) - 1)
    .map((row) => row.map((value) => (value !== '' && !Number.isNaN(Number(value)) ? figure(Number(value)) : value)));
  const widest = columns.map((column, n) =>
    Math.min(260, Math.max(...[column, ...shown.map((row) => row[n]!)].map((one) => widthOf(one, size))) + 12),
  );
  const total = widest.reduce((sum, one) => sum + one, 0);
  const scale = Math.min(1.6, width / total);
  const isFigure = columns.map((_, n) => rows.every((row) => row[n] === '' || !Number.isNaN(Number(row[n]))));
  let x = 0;
  const cells = columns.map((column, n) => {
    const room = widest[n]! * scale;
    const at = isFigure[n] ? x + room - 10 : x;
    const anchor = isFigure[n] ? ' text-anchor="end"' : '';
    const svg = [column, ...shown.map((row) => row[n]!)].map((value, row) =>
      text(
        at,
        (row + 1) * line - 3,
        size,
        fitted(value, size, room - 6),
        `fill="${row === 0 ? '#777' : '#222'}"${anchor}`,
      ),
    );
    x += room;
    return svg.join('');
  });
  const rules = shown.map((_, row) => `<path d="M0 ${(row + 1) * line + 0.5}H${width.toFixed(1)}" stroke="#eee"/>`);
  return rules.join('') + cells.join('');
};

const LIGHTS: Readonly<Record<string, readonly [fill: string, ink: string, word: string]>> = {
  OK: ['#e3f3e3', '#1b5e20', 'ok'],
  ALARM: ['#d62728', '#fff', 'alarm'],
  INSUFFICIENT_DATA: ['#eee', '#666', 'no data yet'],
};
const lightsCard = (lights: readonly Light[], width: number, height: number): string => {
  const columns = 8;
  const [w, h] = [width / columns, height / Math.ceil(lights.length / columns)];
  return lights
    .map(({ name, state }, n) => {
      const [fill, ink, word] = LIGHTS[state]!;
      const [x, y] = [(n % columns) * w, Math.floor(n / columns) * h];
      return (
        `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(w - 5).toFixed(1)}" height="${(h - 5).toFixed(1)}" rx="3" fill="${fill}"/>` +
        text(x + 7, y + h / 2 - 5, 9.5, fitted(name, 9.5, w - 16), `fill="${ink}"`) +
        text(x + 7, y + h / 2 + 9, 8.5, word, `fill="${ink}"`)
      );
    })
    .join('');
};

const heading = ({ properties }: Widget, height: number): string => {
  const [first = '', ...rest] = properties.markdown!.split('\n');
  const level = /^#+/.exec(first)?.[0].length ?? 0;
  const size = level === 1 ? 20 : level === 2 ? 16 : 12;
  const plain = (line: string) => line.replace(/^#+ /, '').replaceAll('`', '');
  return (
    text(0, Math.min(size + 4, height * 0.6), size, plain(first), 'fill="#222"') +
    text(0, Math.min(size + 4, height * 0.6) + 17, 10.5, plain(rest.join(' ')), 'fill="#555"')
  );
};

const card = async (clients: Clients, widget: Widget, times: Times): Promise<string> => {
  const { type, properties } = widget;
  const [outerWidth, outerHeight] = [widget.width * COLUMN - GAP, widget.height * ROW - GAP];
  if (type === 'text') return heading(widget, outerHeight);
  const [width, height] = [outerWidth - 2 * PAD, outerHeight - TITLE - 2 * PAD];
  const inner = await (async () => {
    if (type === 'alarm') return lightsCard(await lightsOf(clients, widget), width, height);
    if (type === 'log') return tableCard(await rowsOf(clients, widget, times), width, height);
    const shown = timesOf(widget, times);
    const lines = await linesOf(clients, widget, shown);
    if (properties.view === 'singleValue') return figuresCard(lines, width, height);
    return chartCard(widget, lines, shown, width, height);
  })();
  return (
    `<rect width="${outerWidth}" height="${outerHeight}" rx="4" fill="#fff" stroke="#ddd"/>` +
    text(PAD, PAD + 10, 11, properties.title ?? '', 'fill="#222"') +
    `<g transform="translate(${PAD} ${PAD + TITLE})">${inner}</g>`
  );
};

/**
 * Widgets that lie below each other as they do on the dashboard. `about` stands below, for whoever sees the picture
 * alone.
 */
export const drawPage = async (options: {
  clients: Clients;
  widgets: readonly Widget[];
  times: Times;
  title: string;
  about: string;
}): Promise<string> => {
  const { clients, widgets, times, title, about } = options;
  const top = Math.min(...widgets.map(({ y }) => y));
  const rows = Math.max(...widgets.map(({ y, height }) => y + height)) - top;
  const [width, height] = [24 * COLUMN + 2 * PAD, rows * ROW + 2 * PAD + 18];
  const cards: string[] = [];
  for (const widget of widgets) {
    const [x, y] = [PAD + widget.x * COLUMN, PAD + (widget.y - top) * ROW];
    cards.push(`<g transform="translate(${x} ${y})">${await card(clients, widget, times)}</g>`);
  }
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONT}, sans-serif" role="img">` +
    `<title>${escaped(title)}</title><desc>${escaped(about)}</desc><rect width="${width}" height="${height}" fill="#f6f6f6"/>${cards.join('')}` +
    `${text(PAD, height - 8, 9.5, about, 'fill="#777"')}</svg>\n`
  );
};
