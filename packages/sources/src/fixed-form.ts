import { SURE_FORM } from '@granary/tabular/csv/sure-form';
import type { Dialect } from '@granary/tabular/table';

/** What a version says of how its file was laid out, where the format of the file leaves nothing of it open. */
export const FIXED_FORM: Dialect = { ...SURE_FORM, header_line: null, decimal: '.', thousands: null };
