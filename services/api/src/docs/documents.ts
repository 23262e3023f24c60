/** How documents are kept that change with a deployment only: by everybody, and asked about after five minutes. */
export const PUBLISHED = 'public, max-age=300';

/** What every tool takes; `application/vnd.oai.openapi+json` some would download instead of show. */
export const OPENAPI_TYPE = 'application/json';
