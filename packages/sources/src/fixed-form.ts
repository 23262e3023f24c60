import type { Dialect } from '@granary/tabular/table';

/** What a version says of how its file was laid out, where the format of the file leaves nothing of it open. */
export const FIXED_FORM: Dialect = {
  ...{ encoding: 'utf-8', bom: false, mojibake: false, delimiter: ',', quote: '"', sure_quotes: true },
  ...{ newline: '\n', header_line: null, decimal: '.', thousands: null },
};
