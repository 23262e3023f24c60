import { readWeighted } from '@granary/runtime/http/weighted';

export type ResultFormat = 'json' | 'csv';
export const FORMATS = ['json', 'csv'] as const;

/** Whether the result is wanted as CSV: `format` says so, or Accept prefers it to JSON (RFC 9110, 12.5.1). */
export const wantsCsv = (format: ResultFormat | undefined, accept: string | undefined): boolean => {
  if (format !== undefined) return format === 'csv';
  let csv = 0;
  let json = 0;
  for (const { value: type, weight: given } of readWeighted(accept ?? '')) {
    // What is meant by its name goes before what anything would do for.
    const weight = given + (type.includes('*') ? 0 : 1e-6);
    if (type === 'text/csv' || type === 'text/*') csv = Math.max(csv, weight);
    if (type === 'application/json' || type === 'application/*' || type === '*/*') json = Math.max(json, weight);
  }
  return csv >= 1e-3 && csv > json;
};
