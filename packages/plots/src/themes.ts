import type { Theme } from './plot-query.ts';

/** Metrically like Verdana, which browsers have where DejaVu Sans is missing. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

export type Colours = {
  background: string;
  text: string;
  faint: string;
  grid: string;
  axis: string;
  link: string;
  /** Of series, in their order; no two alike to the colour-blind side by side. */
  series: readonly string[];
  /** Of what stands for the rest. */
  other: string;
  /** From few to much. */
  ramp: readonly string[];
};

export const COLOURS: Readonly<Record<Theme, Colours>> = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    faint: '#57606a',
    grid: '#e4e7eb',
    axis: '#8c959f',
    link: '#0b5c8a',
    series: '#7b2d43 #d98e04 #2f7f86 #8aa63a #5b4b9a #d1625a #3c8fd0 #a06a3b #3f7d45 #c05299'.split(' '),
    other: '#9aa1a9',
    ramp: '#f6efe6 #f0c9a8 #e0926f #c25a58 #8f2f4f #4d1a3c'.split(' '),
  },
  dark: {
    background: '#15181d',
    text: '#e8eaed',
    faint: '#a3abb5',
    grid: '#2b3037',
    axis: '#5f6873',
    link: '#7cc0ec',
    series: '#e0708c #f0b13c #56b8bf #b3cf63 #a594e8 #f08f86 #72b7ee #d09a67 #74bd7b #e58cc3'.split(' '),
    other: '#7d8590',
    ramp: '#22272e #4d2a44 #8a3350 #c65b57 #e79a6c #fbe3b5'.split(' '),
  },
};

/** Vega's settings: one font, quiet axes, no marks for screen readers beside the title and description of the whole. */
export const configOf = ({ text, faint, grid, axis }: Colours) => ({
  aria: false,
  font: FONT,
  view: { stroke: null },
  title: {
    color: text,
    subtitleColor: faint,
    fontSize: 17,
    fontWeight: 'normal',
    subtitleFontSize: 11.5,
    subtitleLineHeight: 16,
    subtitlePadding: 6,
    offset: 14,
    anchor: 'start',
    frame: 'bounds',
  },
  axis: {
    domainColor: axis,
    gridColor: grid,
    tickColor: axis,
    labelColor: faint,
    titleColor: text,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 10,
    labelPadding: 5,
  },
  legend: {
    labelColor: text,
    titleColor: faint,
    labelFontSize: 11,
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    symbolStrokeWidth: 2,
    symbolSize: 90,
    rowPadding: 4,
    offset: 16,
  },
});
