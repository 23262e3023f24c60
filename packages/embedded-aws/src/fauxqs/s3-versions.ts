import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { answerError, answerNotImplemented, escapeXml } from '../not-implemented.ts';
import type { OldVersion, VersionStore } from './s3-version-store.ts';

const answerXml = (response: ServerResponse, name: string, body: string): void => {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${name}>`,
  );
};

const NO_BUCKET = { status: 404, code: 'NoSuchBucket', message: 'The specified bucket does not exist' };
const NO_VERSION = { status: 404, code: 'NoSuchVersion', message: 'The specified version does not exist.' };
const A_MARKER = {
  status: 405,
  code: 'MethodNotAllowed',
  message: 'The specified method is not allowed against this resource.',
};
const HEADERS = {
  content_type: 'content-type',
  content_length: 'content-length',
  content_encoding: 'content-encoding',
  content_disposition: 'content-disposition',
  content_language: 'content-language',
  cache_control: 'cache-control',
  etag: 'etag',
  version_id: 'x-amz-version-id',
};

const answerVersion = (request: IncomingMessage, response: ServerResponse, row: OldVersion): void => {
  if (row.marker === 1) {
    response.setHeader('x-amz-delete-marker', 'true');
    answerError(response, 's3-xml', A_MARKER);
  } else if (request.headers.range) {
    answerNotImplemented(response, 's3-xml', 'S3 GET of an old version with range');
  } else {
    for (const [column, header] of Object.entries(HEADERS)) {
      if (row[column] !== null) response.setHeader(header, row[column] as string | number);
    }
    for (const [name, value] of Object.entries(JSON.parse(row.metadata) as Record<string, string>))
      response.setHeader(`x-amz-meta-${name}`, value);
    response.writeHead(200, { 'last-modified': new Date(row.last_modified).toUTCString() });
    response.end(request.method === 'HEAD' ? undefined : Buffer.from(row.body));
  }
};

const listVersions = (store: VersionStore, response: ServerResponse, bucket: string, query: URLSearchParams): void => {
  const prefix = query.get('prefix') ?? '';
  const after = { key: query.get('key-marker') ?? '', version: query.get('version-id-marker') ?? '' };
  const most = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const all = store.list(bucket, prefix, after.key);
  const isBefore = ({ key }: { key: string }) => key === after.key && after.key !== '';
  const start = after.version
    ? all.findIndex((one) => isBefore(one) && one.version_id === after.version) + 1
    : all.filter(isBefore).length;
  const page = all.slice(start, start + most);
  const last = page.at(-1);
  const isTruncated = last !== undefined && all.length > start + page.length;
  const encoded = query.get('encoding-type') === 'url';
  const written = (key: string) => (encoded ? encodeURIComponent(key).replaceAll('%2F', '/') : escapeXml(key));
  const items = page.map(({ key, version_id, marker, last_modified, etag, content_length, latest }) => {
    const facts = [
      `<Key>${written(key)}</Key><VersionId>${version_id}</VersionId>`,
      `<IsLatest>${latest}</IsLatest><LastModified>${last_modified}</LastModified>`,
    ].join('');
    return marker === 1
      ? `<DeleteMarker>${facts}</DeleteMarker>`
      : `<Version>${facts}<ETag>${escapeXml(etag)}</ETag><Size>${content_length}</Size></Version>`;
  });
  const next = isTruncated
    ? `<NextKeyMarker>${written(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.version_id}</NextVersionIdMarker>`
    : '';
  const about = `<Name>${bucket}</Name><Prefix>${written(prefix)}</Prefix><MaxKeys>${most}</MaxKeys>`;
  const encoding = encoded ? '<EncodingType>url</EncodingType>' : '';
  const truncated = `<IsTruncated>${isTruncated}</IsTruncated>${next}`;
  answerXml(response, 'ListVersionsResult', `${about}${encoding}${truncated}${items.join('')}`);
};

/**
 * S3's calls about versions, before fauxqs, which has none. `true`: the request has been answered; `false`: it is about
 * an object as it is now, and the request says so.
 */
export const answerAboutVersions =
  (store: VersionStore, hasBucket: (name: string) => boolean) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const query = url.searchParams;
    const version = query.get('versionId');
    const source = /^\/?([^/]+)\/(.+)\?versionId=([\w-]+)$/.exec(String(request.headers['x-amz-copy-source'] ?? ''));
    if (!query.has('versioning') && !query.has('versions') && version === null && !source) return false;
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const refuse = (what: string) => answerNotImplemented(response, 's3-xml', `S3 ${what}`);
    if (!hasBucket(bucket)) answerError(response, 's3-xml', NO_BUCKET);
    else if (source) {
      const [, from = '', name = '', id = ''] = source;
      const copied = decodeURIComponent(name);
      if (store.isCurrent(from, copied, id)) {
        request.headers['x-amz-copy-source'] = `${from}/${name}`;
        return false;
      }
      const row = store.find(from, copied, id);
      if (!row || row.marker === 1) answerError(response, 's3-xml', NO_VERSION);
      else if (request.headers['x-amz-metadata-directive'] === 'REPLACE')
        refuse('CopyObject of an old version with other metadata');
      else {
        const { etag, lastModified } = store.copy(bucket, key, row);
        const facts = `<ETag>${escapeXml(etag)}</ETag><LastModified>${lastModified.toISOString()}</LastModified>`;
        answerXml(response, 'CopyObjectResult', facts);
      }
    } else if (version !== null && ['GET', 'HEAD'].includes(request.method ?? '')) {
      if (store.isCurrent(bucket, key, version)) {
        query.delete('versionId');
        request.url = `${url.pathname}${url.search}`;
        return false;
      }
      const row = store.find(bucket, key, version);
      if (row) answerVersion(request, response, row);
      else answerError(response, 's3-xml', NO_VERSION);
    } else if (version !== null && request.method === 'DELETE') {
      if (store.deleteVersion(bucket, key, version)) response.setHeader('x-amz-delete-marker', 'true');
      response.writeHead(204, { 'x-amz-version-id': version }).end();
    } else if (query.has('versions') && request.method === 'GET') {
      if (query.get('delimiter')) refuse('ListObjectVersions with delimiter');
      else listVersions(store, response, bucket, query);
    } else if (query.has('versioning') && request.method === 'GET') {
      const status = store.isEnabled(bucket) ? '<Status>Enabled</Status>' : '';
      answerXml(response, 'VersioningConfiguration', status);
    } else if (query.has('versioning') && request.method === 'PUT') {
      const status = /<Status>(\w+)<\/Status>/.exec(await text(request))?.[1];
      if (status === 'Enabled') {
        store.enable(bucket);
        response.writeHead(200).end();
      } else refuse(`PutBucketVersioning ${status}`);
    } else refuse(`${request.method} with versions`);
    return true;
  };
