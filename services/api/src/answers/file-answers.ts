/** What is said of files that lie in the store: of answers that were written to one, and of those of a version. */
import { z } from 'zod';
import type { Answer } from './answer.ts';
import { datasetId, text, versionNumber } from './shapes.ts';

export const LIES = { Location: 'A presigned URL. Send it no token: S3 refuses two ways to authenticate.' };
const file = () => ({
  location: text('A presigned URL. Send it no token: S3 refuses two ways to authenticate.'),
  content_type: z.string(),
  expires_at: z.iso.datetime(),
});

/** What is said of a file that was written of an answer; `what` it is of. */
const storedFile = (id: string, what: z.core.$ZodLooseShape) =>
  z
    .strictObject({ ...file(), rows: z.int(), bytes: z.int(), sha256: z.string(), ...what })
    .meta({ id, description: 'Where the file of an answer lies, for a while.' });
export const RecordsFile = storedFile('RecordsFile', { dataset: datasetId(), version: versionNumber() });
export const ChangesFile = storedFile('ChangesFile', { from: versionNumber(), to: versionNumber() });

export const VersionFile = z
  .strictObject({
    ...file(),
    filename: z.string(),
    bytes: z.nullable(z.int()).meta({ description: 'Null of `raw`.' }),
    sha256: z.nullable(z.string()).meta({ description: 'Null of `raw`.' }),
    dataset: datasetId(),
    version: versionNumber(),
  })
  .meta({ id: 'VersionFile', description: 'Where a file of a version lies, for 15 minutes.' });
export const ResultFile = z
  .strictObject({ ...file(), filename: z.string(), bytes: z.int(), query: z.uuid() })
  .meta({ id: 'ResultFile', description: 'Where the result of a query lies as CSV, for 15 minutes.' });

/** An answer that was written to a file instead. */
export const stored = (description: string, schema: z.ZodType): Answer => ({
  description,
  headers: LIES,
  content: { 'application/json': schema },
});
