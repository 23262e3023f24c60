import { hash } from 'node:crypto';
import type { ApiEvent, ApiResult, Request } from './call.ts';
import { COMPRESS_ABOVE, chooseEncoding, type Encoding } from './content-encoding.ts';
import { hashOf, heldEtag, strongEtag } from './etag.ts';
import { compressOnce, KeptBody, type WireBody } from './kept-body.ts';
import { type LateBody, Reply, type ReplyBody } from './reply.ts';
import { stageOf } from './request-address.ts';

const REVALIDATE = 'private, no-cache';
/** Types that are compressed already. */
const COMPRESSED = /^(?:image\/(?!svg)|application\/(?:gzip|zip|vnd\.apache\.parquet|vnd\.openxmlformats))/;

/** Makes API Gateway's answer of an endpoint's result: conditional and compressed. */
export const respond = () => ({
  after: (request: Request): void | Promise<void> => {
    const shape = request.response instanceof Reply ? request.response.shape : { body: request.response as ReplyBody };
    const { etag } = shape;
    let { status = 200 } = shape;
    const sent = request.event.call.headers;
    const if_none_match = sent['if-none-match'];
    const accepted = chooseEncoding(sent['accept-encoding']);
    const headers: Record<string, string> = { 'Cache-Control': shape.cache_control ?? REVALIDATE, ...shape.headers };
    headers.Vary = headers.Vary ? `${headers.Vary}, Accept-Encoding` : 'Accept-Encoding';
    if (headers.Location || headers.Link) belowStage(request.event, headers);

    const end = (statusCode: number, wire: WireBody = NOTHING): void => {
      // The body of an answer to HEAD is left out by whoever sends it (API Gateway, hapi), which says its length.
      const { body, base64 } = wire;
      request.response = { statusCode, headers, body, isBase64Encoded: base64 } satisfies ApiResult;
    };
    const endWith = (given: LateBody | undefined): void => {
      if (given instanceof Reply) {
        const { status: late = status, headers: more, cache_control, body } = given.shape;
        status = late;
        Object.assign(headers, more, cache_control && { 'Cache-Control': cache_control });
        // Those given at first are below the stage already.
        if (more?.Location || more?.Link) {
          const added = { ...more };
          belowStage(request.event, added);
          Object.assign(headers, added);
        }
        endWith(body as ReplyBody | undefined);
        return;
      }
      if (given === undefined) {
        end(status === 200 ? 204 : status);
        return;
      }
      const content = contentOf(given);
      const type = headers['Content-Type'] ?? content.type;
      const isShort = content.bytes < COMPRESS_ABOVE && !shape.unmeasured;
      const encoding: Encoding = isShort || COMPRESSED.test(type) ? 'identity' : accepted;
      // What nobody may keep needs no name, and is never "not modified".
      const isNamed = etag !== undefined || headers['Cache-Control'] !== 'no-store';
      if (isNamed && (status === 200 || (status === 206 && etag !== undefined))) {
        const name = etag ?? content.hash();
        const held = etag === undefined ? heldEtag(if_none_match, name, encoding) : undefined;
        headers.ETag = held ?? strongEtag(name, encoding);
        if (held !== undefined) {
          end(304);
          return;
        }
      }
      headers['Content-Type'] = type;
      if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
      // A body that HEAD did not have made: there is nothing to compress, and no length to tell.
      const isUnmade = shape.unmeasured && given === '' && request.event.httpMethod === 'HEAD';
      const wire = isUnmade ? NOTHING : content.wire(encoding);
      // Of a part of the rows it is the digest of what is sent, and not of all that there is.
      if (shape.digest && (status === 200 || status === 206)) {
        headers[status === 200 ? 'Repr-Digest' : 'Content-Digest'] = digestOf(wire);
      }
      end(status, wire);
    };

    const held = status === 200 && etag !== undefined ? heldEtag(if_none_match, etag, accepted) : undefined;
    if (held !== undefined) {
      headers.ETag = held;
      end(304);
      return;
    }
    const body = typeof shape.body === 'function' ? shape.body() : shape.body;
    // Waiting for a body that is there already would cost every warm call a turn.
    if (body instanceof Promise) return body.then(endWith);
    endWith(body);
  },
});

/** Endpoints write addresses of this API from its root, `/v1/runs`; at some addresses a stage stands before that. */
const belowStage = (event: ApiEvent, headers: Record<string, string>): void => {
  const stage = stageOf(event);
  if (stage === '') return;
  if (headers.Location?.startsWith('/')) headers.Location = stage + headers.Location;
  if (headers.Link) headers.Link = headers.Link.replaceAll('</', `<${stage}/`);
};

const digestOf = ({ body, base64 }: WireBody): string =>
  `sha-256=:${hash('sha256', base64 ? Buffer.from(body, 'base64') : body, 'base64')}:`;

const NOTHING: WireBody = { body: '', base64: false, bytes: 0 };

type Content = { type: string; bytes: number; hash(): string; wire(encoding: Encoding): WireBody };

const contentOf = (given: ReplyBody): Content => {
  if (given instanceof KeptBody) {
    const identity = given.wire('identity');
    return {
      type: given.content_type,
      bytes: identity.bytes,
      hash: () => hashOf(identity.body),
      wire: (encoding) => given.wire(encoding),
    };
  }
  if (given instanceof Uint8Array) {
    return {
      type: 'application/octet-stream',
      bytes: given.length,
      hash: () => hashOf(given),
      wire: (encoding) =>
        encoding === 'identity'
          ? { body: Buffer.from(given).toString('base64'), base64: true, bytes: given.length }
          : compressOnce(given, encoding),
    };
  }
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const bytes = Buffer.byteLength(text);
  return {
    type: 'application/json',
    bytes,
    hash: () => hashOf(text),
    wire: (encoding) =>
      encoding === 'identity' ? { body: text, base64: false, bytes } : compressOnce(Buffer.from(text), encoding),
  };
};
