import { type ApiResult, header, type Request } from './call.ts';
import { COMPRESS_ABOVE, chooseEncoding, type Encoding } from './encoding.ts';
import { hashOf, matches, strongEtag } from './etag.ts';
import { compressOnce, KeptBody, type WireBody } from './kept-body.ts';
import { Reply, type ReplyBody } from './reply.ts';

const REVALIDATE = 'private, no-cache';
const IMAGES_AND_ARCHIVES = /^(?:image\/(?!svg)|application\/(?:gzip|zip|vnd\.apache\.parquet))/;

/** Makes API Gateway's answer of an endpoint's result: conditional, compressed, without a body for HEAD. */
export const respond = () => ({
  after: async (request: Request): Promise<void> => {
    const { event } = request;
    const shape = request.response instanceof Reply ? request.response.shape : { body: request.response as ReplyBody };
    const status = shape.status ?? 200;
    const headers: Record<string, string> = { 'Cache-Control': shape.cache_control ?? REVALIDATE, ...shape.headers };
    const if_none_match = header(event, 'If-None-Match');
    const accepted = chooseEncoding(header(event, 'Accept-Encoding'));
    const end = (statusCode: number, wire: WireBody = NOTHING): void => {
      const { body, base64 } = event.httpMethod === 'HEAD' ? NOTHING : wire;
      request.response = { statusCode, headers, body, isBase64Encoded: base64 } satisfies ApiResult;
    };

    headers.Vary = 'Accept-Encoding';
    if (status === 200 && shape.etag !== undefined && matches(if_none_match, shape.etag)) {
      headers.ETag = strongEtag(shape.etag, accepted);
      return end(304);
    }
    const given = typeof shape.body === 'function' ? await shape.body() : shape.body;
    if (given === undefined) return end(status === 200 ? 204 : status);

    const content = contentOf(given);
    headers['Content-Type'] ??= content.type;
    const encoding: Encoding =
      content.bytes < COMPRESS_ABOVE || IMAGES_AND_ARCHIVES.test(headers['Content-Type']) ? 'identity' : accepted;
    if (status === 200) {
      const name = shape.etag ?? content.hash();
      headers.ETag = strongEtag(name, encoding);
      if (shape.etag === undefined && matches(if_none_match, name)) {
        delete headers['Content-Type'];
        return end(304);
      }
    }
    if (encoding !== 'identity') headers['Content-Encoding'] = encoding;
    end(status, content.wire(encoding));
  },
});

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
