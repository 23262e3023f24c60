/** The answer to a query of records: its headers, and a body that is read only when it is needed. */
import type { PublishedVersion } from '@granary/domain/dataset';
import type { ObjectReader } from '@granary/domain/ports/object-store';
import { hashOf } from '@granary/runtime/http/etag';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { parseQuery } from '@granary/tabular/query/parse-query';
import { countRows, runQuery } from '@granary/tabular/query/run-query';
import { fileReply } from '../exports/file-reply.ts';
import type { SendOrStore } from '../exports/send-or-store.ts';
import { sendable } from '../exports/sendable.ts';
import { keepOpen, makeOpenVersions } from '../versions/open-versions.ts';
import { encode } from './encode.ts';
import { FORMATS, typeOf } from './formats.ts';
import { addressesOf, linkHeader, pageLinks } from './page-links.ts';
import { QUARANTINE_FIELDS, quarantineTable } from './quarantine-table.ts';
import type { AskedRecords } from './read-asked.ts';
import { checkRange, contentRange, rowsOfPage, statusOf, totalOf, withRange } from './records-page.ts';
import { asProblem } from './refusals.ts';
import { singleRow } from './single-row.ts';

/**
 * Raised when the same query is answered otherwise: clients then see another ETag, and stored answers are written anew.
 */
const ENCODING = 2;
const VARY = 'Accept, Accept-Datetime, Prefer, Range, Range-Unit';

export type AnswerRecords = (version: PublishedVersion, asked: AskedRecords, method: string) => Reply;

export const makeAnswerRecords = (
  objects: Pick<ObjectReader, 'get' | 'getRange'>,
  sendOrStore: SendOrStore,
): AnswerRecords => {
  const openVersion = makeOpenVersions(objects);
  // It is made anew from its text, and held in memory whole: the pages of one are asked for one after the other.
  const openQuarantine = keepOpen(1, (version) => quarantineTable(objects, version));

  return (version, asked, method) => {
    const { dataset: id, version: number } = version;
    const { form, guard, preferences, from } = asked;
    const isQuarantine = from === 'quarantine';
    const fields = isQuarantine ? QUARANTINE_FIELDS : version.fields;
    const open = isQuarantine ? openQuarantine : openVersion;
    const { counting, applied } = preferences;
    const preferred: Record<string, string> = applied === '' ? {} : { 'Preference-Applied': applied };
    const format = FORMATS[form.format];
    const query = withRange(parseQuery(asked.parameters, fields), asked.range);
    const at = Date.parse(version.published_at).toString(36);
    const content = JSON.stringify([
      ...[id, number, at, ENCODING, form, guard, asked.parameters, asked.range],
      ...(isQuarantine ? [from] : []),
    ]);
    const name = `${id}@${number}-${hashOf(`${content}${counting}`)}`;
    const addresses = addressesOf(
      id,
      asked.parameters,
      Object.entries({
        ...(isQuarantine && { from }),
        ...(asked.format && { format: asked.format }),
        ...(guard ? {} : { guard: 'off' }),
        ...(asked.redirect ? {} : { redirect: 'false' }),
      }),
    );

    const filename = `${id}_v${number}${isQuarantine ? '_quarantine' : ''}.${format.ending}`;
    const binary = form.format === 'parquet' || form.format === 'xlsx';
    // One row as an object is never a file, and HEAD makes none.
    const toFile = !asked.redirect && !form.single && method !== 'HEAD';

    const rowHeaders = (rows: number, total: number | null): Record<string, string> => ({
      'Content-Range': contentRange(query, rows, total),
      Link: linkHeader([
        ...pageLinks(addresses, number, query, rows, total),
        `</v1/datasets/${id}/versions/${number}>; rel="describedby"`,
        `</v1/datasets/${id}/versions>; rel="timemap"`,
        `<${addresses.at({ version: undefined })}>; rel="original timegate"`,
      ]),
    });

    const body = async (): Promise<Reply> => {
      const table = await open(version);
      const total = await totalOf(table, query, counting);
      checkRange(query, total, preferred);
      if (form.single) {
        const row = await singleRow(table, query, form.stripped);
        return reply({ status: statusOf(1, total), headers: rowHeaders(1, total), body: row });
      }
      if (method === 'HEAD') {
        const rows = rowsOfPage(query, total ?? (await countRows(table, query)));
        return reply({ status: statusOf(rows, total), headers: rowHeaders(rows, total), body: '' });
      }
      const file = { content, filename, content_type: format.type };
      const make = () => encode(runQuery(table, query), form, { guard, name: id });
      const answer = toFile ? await sendOrStore(make, { ...file, always: true }) : await sendOrStore(make, file);
      const headers = rowHeaders(answer.rows, total);
      if ('body' in answer) {
        const sent = binary ? answer.body : sendable(answer.body);
        return reply({ status: statusOf(answer.rows, total), headers, body: sent });
      }
      const stored = { ...answer, dataset: id, version: number, content_type: format.type };
      return fileReply(!toFile, stored, { headers });
    };

    return reply({
      // The link to a file is a new one every time.
      ...(toFile ? {} : { etag: name }),
      unmeasured: true,
      digest: method !== 'HEAD',
      ...(asked.version === undefined ? {} : { cache_control: 'private, max-age=31536000, immutable' }),
      headers: {
        'Content-Type': typeOf(form),
        ...(binary && !toFile && { 'Content-Disposition': `attachment; filename="${filename}"` }),
        ...preferred,
        ...(isPast(asked) && { 'Memento-Datetime': new Date(version.published_at).toUTCString() }),
        Vary: VARY,
      },
      body: () =>
        body().catch((error) => {
          throw asProblem(error);
        }),
    });
  };
};

/** Whether a state of the past was asked for, by number or by time (RFC 7089). */
const isPast = ({ version, as_of, accept_datetime }: AskedRecords): boolean =>
  version !== undefined || as_of !== undefined || accept_datetime !== undefined;
