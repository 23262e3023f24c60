import type { Edition } from './embrapa/file.ts';
import type { Fault } from './faults.ts';

export type SiteDocument = { content_type: string; body: Buffer; modified: Date };

/** One replicated site. The server does the HTTP; a site says what lies at a path. */
export type Site = {
  paths(): readonly string[];
  /** undefined: nothing there. Content faults are the site's to put in, wire faults are the server's. */
  document(path: string, edition: Edition, faults: readonly Fault[]): SiteDocument | undefined;
};
