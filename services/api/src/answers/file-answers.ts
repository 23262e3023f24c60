/** What is said of files that lie in the store: of answers that were written to one, and of those of a version. */
import { z } from 'zod';
import type { Answer } from './answer.ts';
import { datasetId, text, versionNumber } from './shapes.ts';

export const LIES = {
  Location: 'A presigned URL. Do not send your token to it: S3 refuses a request that authenticates in two ways.',
};
const file = () => ({
  location: text('A presigned URL. Do not send your token to it: S3 refuses a request that authenticates in two ways.'),
  content_type: z.string(),
  expires_at: z.iso.datetime(),
});

/** What is said of a file that was written of an answer; `what` it is of. */
const storedFile = (id: string, what: z.core.$ZodLooseShape) =>
  z
    .strictObject({ ...file(), rows: z.int(), bytes: z.int(), sha256: z.string(), ...what })
    .meta({ id, description: 'A link to a file that holds the response. The file expires.' });
export const RecordsFile = storedFile('RecordsFile', { dataset: datasetId(), version: versionNumber() });
export const ChangesFile = storedFile('ChangesFile', { from: versionNumber(), to: versionNumber() });

export const VersionFile = z
  .strictObject({
    ...file(),
    filename: z.string(),
    bytes: z.nullable(z.int()).meta({ description: 'Null for `raw`.' }),
    sha256: z.nullable(z.string()).meta({ description: 'Null for `raw`.' }),
    dataset: datasetId(),
    version: versionNumber(),
  })
  .meta({ id: 'VersionFile', description: 'A link to a file of a version, valid for 15 minutes.' });
export const ResultFile = z
  .strictObject({ ...file(), filename: z.string(), bytes: z.int(), query: z.uuid() })
  .meta({ id: 'ResultFile', description: 'A link to the result of a query as CSV, valid for 15 minutes.' });

/** An answer that was written to a file instead. */
export const stored = (description: string, schema: z.ZodType): Answer => ({
  description,
  headers: LIES,
  content: { 'application/json': schema },
});
