import type { KeptBody } from './kept-body.ts';

/** Text, bytes, a body kept with its compressed forms, or anything else that is written as JSON. */
export type ReplyBody = string | Uint8Array | KeptBody | object | null;

export type LateBody = ReplyBody | Reply;

export type ReplyShape = {
  /** 200 unless told. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /**
   * Names this very content, such as `harvest_grapes@3`: with it a matching If-None-Match is answered 304 before `body`
   * is asked for. Without it the ETag is a hash of the body.
   */
  etag?: string;
  /** `private, no-cache` unless told: kept by the browser, asked about every time. */
  cache_control?: string;
  /**
   * A function is called only when the body is needed. It may give a reply of its own, for what is known with the body
   * only: its status, its headers, besides those given here, its cache_control and its body.
   */
  body?: ReplyBody | (() => LateBody | Promise<LateBody>);
  /**
   * Compressed however short it is: HEAD, which does not make the body, then names the ETag that GET has. Needs `etag`.
   */
  unmeasured?: boolean;
  /** The answer also says the SHA-256 of its bytes as they are sent (RFC 9530). */
  digest?: boolean;
};

/** An answer with more to say than its value. */
export class Reply {
  readonly shape: ReplyShape;
  constructor(shape: ReplyShape) {
    this.shape = shape;
  }
}

export const reply = (shape: ReplyShape): Reply => new Reply(shape);
