/**
 * What the replica can do wrong on request. A fault has a kind, the paths it is for (a glob: `*` stands for anything)
 * and, if it shall pass, the number of requests after which it is over; `rate` makes it strike now and then only.
 */
import { randomOf } from './prng.ts';

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
  half: 'the second half of the lines is not there',
  'other-file': "another file's table (option other: its name, such as Comercio)",
  'four-times': 'the last year but one four times (or twice) and the last year not at all',
} as const;

/** Faults of a page that people read. */
export const PAGE_FAULTS = {
  'page-differs': 'one figure is another than in the file (option other: the file, such as Comercio)',
} as const;

/**
 * Faults of a page of users; the last of a portal's API too. They can be combined: each is of another user, as long as
 * the page has six.
 */
export const USER_FAULTS = {
  'user-without-id': 'the first user has no id',
  'user-without-last-name': 'the second has no last name',
  'user-id-2-53': 'the id of the third is 2^53',
  'user-text-coordinates': 'the coordinates of the fourth are text',
  'user-twice': 'the last has the id and the last name of the fifth',
  'error-200': 'an error in JSON instead, with status 200',
} as const;

/** Faults of a portal's listings, pages and API. */
export const PORTAL_FAULTS = {
  'page-loop': 'each page of a listing is its first, and there is always a next one',
  'listing-changes': 'a listing has moved on by one place each time it is asked for',
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
  html: 'an error page with status 200 and the Content-Type of the file',
  empty: 'nothing, with status 200',
  huge: '200 MB of rows or users (option bytes)',
  'zip-bomb': '1 GiB of them behind Content-Encoding: gzip (option bytes)',
} as const;

export type ContentFault = keyof typeof CONTENT_FAULTS;
export type UserFault = keyof typeof USER_FAULTS;
export type PortalFault = keyof typeof PORTAL_FAULTS;
export type WireFault = keyof typeof WIRE_FAULTS;
export type PageFault = keyof typeof PAGE_FAULTS;
export type FaultKind = ContentFault | PageFault | UserFault | PortalFault | WireFault;
export const FAULT_KINDS = [CONTENT_FAULTS, PAGE_FAULTS, USER_FAULTS, PORTAL_FAULTS, WIRE_FAULTS].flatMap(
  Object.keys,
) as readonly FaultKind[];

export type Fault = {
  path: string;
  kind: FaultKind;
  /** Requests that it is for; without it the fault stays until it is taken away. */
  limit?: number;
  /** How often it strikes, 0 to 1: by a generator of its own, the same with the same seed. Without it: always. */
  rate?: number;
  retry_after_s?: number;
  delay_ms?: number;
  location?: string;
  bytes?: number;
  other?: string;
};

export const isContentFault = (kind: FaultKind): kind is ContentFault => kind in CONTENT_FAULTS;
export const isUserFault = (kind: FaultKind): kind is UserFault => kind in USER_FAULTS;
export const isWireFault = (kind: FaultKind): kind is WireFault => kind in WIRE_FAULTS;

/** Whether a glob is for a path. */
export const matches = (glob: string, path: string): boolean =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(path);

/** The faults that are in force, in order, and how often each may still strike. */
export type FaultBoard = {
  /** Faults that strike the `nth` request of a path; counts it against their limits. */
  strike(path: string, nth: number): readonly Fault[];
  /** As they stand, `limit` counted down; those that are over are gone. */
  list(): readonly Fault[];
  replace(faults: readonly Fault[]): void;
};

export const createFaultBoard = (initial: readonly Fault[] = [], seed = ''): FaultBoard => {
  let faults = initial.map((fault) => ({ ...fault }));
  const strikes = ({ kind, path: glob, rate }: Fault, path: string, nth: number): boolean =>
    matches(glob, path) && (rate === undefined || randomOf('fault', seed, path, nth, glob, kind).chance(rate));
  return {
    strike(path, nth) {
      const struck = faults.filter((fault) => strikes(fault, path, nth));
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
