/**
 * What the replica can do wrong on request. A fault has a kind, the paths it is for (a glob: `*` stands for anything) and,
 * if it shall pass, the number of requests after which it is over.
 */

/** Faults of the file: other bytes are published. They can be combined. */
export const CONTENT_FAULTS = {
  mojibake: 'UTF-8 taken for windows-1252 and encoded again',
  latin1: 'ISO 8859-1 instead of UTF-8',
  bom: 'a byte order mark before the first cell',
  crlf: 'lines end with CR LF',
  'excel-thousands': 'figures with thousands marks, as a spreadsheet saves them',
  ragged: 'every seventh line has a cell too many or too few',
  'text-figure': 'one figure is a word',
  'no-header': 'the header line is left out',
  'blank-rows': 'blank lines, and lines of delimiters only, between the rows',
  'unquoted-commas': 'delimited by commas, names with commas unquoted',
  'four-times': 'the last year but one four times (or twice) and the last year not at all',
} as const;

/** Faults of the answer. The first that applies decides. */
export const WIRE_FAULTS = {
  '429': 'asks to wait: 429 with Retry-After (option retry_after_s, default 2)',
  '500': 'an internal error',
  cut: 'the connection breaks before Content-Length is reached',
  slow: 'the body in 20 pieces (option delay_ms between them, default 250)',
  hang: 'no answer at all',
  'redirect-private': 'redirects to an address inside the network (option location)',
  'redirect-loop': 'redirects to itself for ever',
  html: 'an error page as text/csv with status 200',
  empty: 'nothing, with status 200',
  huge: '200 MB of rows (option bytes)',
  'zip-bomb': '1 GiB of rows behind Content-Encoding: gzip (option bytes)',
} as const;

export type ContentFault = keyof typeof CONTENT_FAULTS;
export type WireFault = keyof typeof WIRE_FAULTS;
export type FaultKind = ContentFault | WireFault;
export const FAULT_KINDS = [...Object.keys(CONTENT_FAULTS), ...Object.keys(WIRE_FAULTS)] as readonly FaultKind[];

export type Fault = {
  path: string;
  kind: FaultKind;
  /** Requests that it is for; without it the fault stays until it is taken away. */
  limit?: number;
  retry_after_s?: number;
  delay_ms?: number;
  location?: string;
  bytes?: number;
};

export const isContentFault = (kind: FaultKind): kind is ContentFault => kind in CONTENT_FAULTS;

const matches = (glob: string, path: string): boolean =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(path);

/** The faults that are in force, in order, and how often each may still strike. */
export type FaultBoard = {
  /** Faults that strike this request; counts it against their limits. */
  strike(path: string): readonly Fault[];
  /** As they stand, `limit` counted down; those that are over are gone. */
  list(): readonly Fault[];
  replace(faults: readonly Fault[]): void;
};

export const createFaultBoard = (initial: readonly Fault[] = []): FaultBoard => {
  let faults = initial.map((fault) => ({ ...fault }));
  return {
    strike(path) {
      const struck = faults.filter((fault) => matches(fault.path, path));
      for (const fault of struck) if (fault.limit !== undefined) fault.limit--;
      const answer = struck.map((fault) => ({ ...fault }));
      faults = faults.filter((fault) => fault.limit === undefined || fault.limit > 0);
      return answer;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    replace(next) {
      faults = next.map((fault) => ({ ...fault }));
    },
  };
};
