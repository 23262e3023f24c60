import type { CsvRow } from '@granary/tabular/csv/tokenizer';

/** What becomes of a line, and why. `note`: it is passed over, and the version says so. */
export type Judged = { row: CsvRow } & (
  | { verdict: 'empty' | 'header' | 'note' }
  | { verdict: 'refused'; reason: string }
  | { verdict: 'read'; section: string | null; name: string; is_total: boolean }
);
