import type { KeptBody } from './kept-body.ts';

/** Text, bytes, a body kept with its compressed forms, or anything else that is written as JSON. */
export type ReplyBody = string | Uint8Array | KeptBody | object | null;

export type ReplyShape = {
  /** 200 unless told. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /**
   * Names this very content, such as `embrapa_producao@3`: with it a matching If-None-Match is answered 304 before `body` is
   * asked for. Without it the ETag is a hash of the body.
   */
  etag?: string;
  /** `private, no-cache` unless told: kept by the browser, asked about every time. */
  cache_control?: string;
  /** A function is called only when the body is needed. */
  body?: ReplyBody | (() => ReplyBody | Promise<ReplyBody>);
};

/** An answer with more to say than its value. */
export class Reply {
  readonly shape: ReplyShape;
  constructor(shape: ReplyShape) {
    this.shape = shape;
  }
}

export const reply = (shape: ReplyShape): Reply => new Reply(shape);
