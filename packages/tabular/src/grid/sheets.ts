/** What is read of a workbook, whatever its format. */
import type { Grid } from './grid.ts';

export type Sheet = {
  name: string;
  grid: Grid;
  /** What has no value: errors (`#DIV/0!`), and formulas that nobody has computed. */
  notes: readonly string[];
};

export type Workbook = { sheets: readonly Sheet[]; hidden: readonly string[] };
