import type { Edition } from './embrapa/file.ts';
import type { Fault } from './faults.ts';
import type { PortalState } from './portal/portal-state.ts';

export type SiteDocument = {
  content_type: string;
  body: Buffer;
  /** 200 without it. Others have no validators. */
  status?: number;
  /** Of a redirection. */
  location?: string;
  /** Without it the answer has no validators: it is another one each time. */
  modified?: Date;
  /**
   * What an answer without end is made of, well-formed in its way: `open`, `piece` (about a MiB) again and again,
   * `close`.
   */
  flood?: () => { open: string; piece: Buffer; close: string };
};

/** A request as a site sees it. */
export type AskedDocument = {
  path: string;
  /** Whom the request was for: `127.0.0.1:4010`. */
  host: string;
  query: URLSearchParams;
  /** How often the path was asked for, this time included. */
  nth: number;
  edition: Edition;
  /** Which of the many runs of a site that never answers the same: its random answers differ by it. */
  series: number;
  portal: PortalState;
  /** Content faults are the site's to put in, wire faults are the server's. */
  faults: readonly Fault[];
};

/** One replicated site. The server does the HTTP; a site says what lies at a path. */
export type Site = {
  paths(): readonly string[];
  /** undefined: nothing there. */
  document(asked: AskedDocument): SiteDocument | undefined;
};
