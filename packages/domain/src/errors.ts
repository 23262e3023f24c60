/** Long: one class for each failure, whose codes and decisions are looked at side by side. */
import type { SourceAnswer } from './run.ts';
import type { UserCounts } from './user.ts';

/**
 * One class per failure. The class, not its text, decides what happens: a worker retries, defers or gives up by
 * `decision`; the API maps `status` and `code`. Messages are sentences for people: they name the value and the way out,
 * hold no secret and no personal data.
 */
export type Decision = 'retry' | 'defer' | 'stop';

export abstract class GranaryError extends Error {
  /** Stable, for programs: `dataset-not-found`. Also the end of the problem's `type` URI. */
  abstract readonly code: string;
  /** HTTP status when it reaches a caller. */
  abstract readonly status: number;
  /** What a worker does with the message. */
  abstract readonly decision: Decision;
  /** One or two words for people: `Not Found`. */
  abstract readonly title: string;
  /** What a caller is told besides; set by who knows its clients. */
  members?: Readonly<Record<string, unknown>>;
  /** Headers that go with it. */
  headers?: Readonly<Record<string, string>>;
  /**
   * The class's name, said by its code: bundling shortens the names of classes, and logs and traces are searched by
   * this.
   */
  override get name(): string {
    // The stack is captured, with the name in it, before `code` is set.
    const { code = '' } = this as { code?: string };
    return code === '' ? this.constructor.name : code.replace(/(^|-)[a-z]/g, (start) => start.slice(-1).toUpperCase());
  }
}

/**
 * A version that was made again of its stored bytes is not what was published.
 * @advice Look at the first difference: a parser or a contract that changed makes other rows on purpose.
 */
export class NotRebuilt extends GranaryError {
  readonly code = 'not-rebuilt';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Not Rebuilt';
}

/**
 * The request itself is wrong: a parameter, a member of the body, a message to a job.
 * @advice Change what `errors` names, field by field, and send it again.
 */
export class InvalidRequest extends GranaryError {
  readonly code = 'invalid-request';
  readonly status = 400;
  readonly decision = 'stop';
  readonly title = 'Bad Request';
  readonly fields: readonly { field: string; message: string }[];
  constructor(message: string, fields: readonly { field: string; message: string }[] = []) {
    super(message);
    this.fields = fields;
  }

  /** One field is wrong. `sentence` is what people read where `message` (`must be a year`) is not one by itself. */
  static of(field: string, message: string, sentence = message): InvalidRequest {
    return new InvalidRequest(sentence, [{ field, message }]);
  }
}

/**
 * A query of records that cannot be answered: misspelt, of unknown columns, of rows beyond the last, in an unknown
 * format.
 * @advice Follow `hint` where there is one; docs/query.md has the language.
 */
export class UnfitQuery extends GranaryError {
  readonly code = 'unfit-query';
  readonly status: 400 | 406 | 416;
  readonly decision = 'stop';
  readonly title: string;
  constructor(message: string, status: 400 | 406 | 416) {
    super(message);
    this.status = status;
    this.title = status === 400 ? 'Bad Request' : status === 406 ? 'Not Acceptable' : 'Range Not Satisfiable';
  }
}

/**
 * The address is there, and takes other methods: `headers` say which (Allow).
 * @advice Use one of the methods that `Allow` names.
 */
export class MethodNotAllowed extends GranaryError {
  readonly code = 'method-not-allowed';
  readonly status = 405;
  readonly decision = 'stop';
  readonly title = 'Method Not Allowed';
}

/**
 * A body larger than anything that is asked for, or than can be kept.
 * @advice Send less: in several requests, or by reference.
 */
export class TooLarge extends GranaryError {
  readonly code = 'too-large';
  readonly status = 413;
  readonly decision = 'stop';
  readonly title = 'Content Too Large';
}

/**
 * More is asked at once than can be done; it can be asked again soon (`headers` say when).
 * @advice Wait as long as `Retry-After` says, then ask again.
 */
export class TooManyRequests extends GranaryError {
  readonly code = 'too-many-requests';
  readonly status = 429;
  readonly decision = 'retry';
  readonly title = 'Too Many Requests';
}

/**
 * A query in SQL did not come to its end: somebody or the time limit stopped it.
 * @advice Ask for less: fewer years, fewer columns, a filter on the key; then start it again.
 */
export class QueryStopped extends GranaryError {
  readonly code = 'query-stopped';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Query Stopped';
}

/**
 * The SQL engine failed, not the query.
 * @advice Ask again in a minute; operators look at the alarm of the engine.
 */
export class QueryEngineFailed extends GranaryError {
  readonly code = 'query-engine-failed';
  readonly status = 502;
  readonly decision = 'retry';
  readonly title = 'Query Engine Failed';
}

/**
 * Personal data was to be shown, and it could not be noted who reads it.
 * @advice Ask again in a minute; nothing was shown.
 */
export class NotAudited extends GranaryError {
  readonly code = 'not-audited';
  readonly status = 503;
  readonly decision = 'retry';
  readonly title = 'Not Audited';
}

/**
 * There is nothing at that address, or it is not published yet.
 * @advice Follow the list that the message names.
 */
export class NotFound extends GranaryError {
  readonly code = 'not-found';
  readonly status = 404;
  readonly decision = 'stop';
  readonly title = 'Not Found';
}

/**
 * No token, or one that is expired, forged or of another stage.
 * @advice Sign in again (`npm run -s token -- NAME`) and send the new token as `Authorization: Bearer`.
 */
export class Unauthenticated extends GranaryError {
  readonly code = 'unauthenticated';
  readonly status = 401;
  readonly decision = 'stop';
  readonly title = 'Unauthorized';
}

/**
 * The token is good, and its groups may not do this.
 * @advice Ask an operator for the group that the message names.
 */
export class Forbidden extends GranaryError {
  readonly code = 'forbidden';
  readonly status = 403;
  readonly decision = 'stop';
  readonly title = 'Forbidden';
}

/** Errors of sources may say what was answered. */
type Answered = { answer?: SourceAnswer };

/**
 * A source did not answer as it should, and may if asked again: time-outs, resets, 5xx, cut bodies.
 * @advice Nothing at first: it is asked three times. Then look at the source, and redrive the dead letter.
 */
export class SourceUnavailable extends GranaryError {
  readonly code = 'source-unavailable';
  readonly status = 502;
  readonly decision = 'retry';
  readonly title = 'Source Unavailable';
  readonly answer: SourceAnswer | undefined;
  constructor(message: string, { answer }: Answered = {}) {
    super(message);
    this.answer = answer;
  }
}

/**
 * A source asked to wait (429, 503 with Retry-After), or its host budget has no slot soon. Costs no receive.
 * @advice Nothing: the message waits and is delivered again.
 */
export class SourceThrottled extends GranaryError {
  readonly code = 'source-throttled';
  readonly status = 503;
  readonly decision = 'defer';
  readonly title = 'Source Throttled';
  /** Milliseconds since the epoch before which nothing may be asked. */
  readonly until: number;
  /** The host that asked to wait; null when our own budget says so, which knows it already. */
  readonly host: string | null;
  readonly answer: SourceAnswer | undefined;
  constructor(message: string, until: number, host: string | null = null, { answer }: Answered = {}) {
    super(message);
    this.until = until;
    this.host = host;
    this.answer = answer;
  }
}

/**
 * A source answered, and asking again will not help: 404, 403, a redirect that may not be followed, too many bytes.
 * @advice Look at the address in a browser; mend the source's configuration, then collect again.
 */
export class SourceRefused extends GranaryError {
  readonly code = 'source-refused';
  readonly status = 502;
  readonly decision = 'stop';
  readonly title = 'Source Refused';
  readonly answer: SourceAnswer | undefined;
  constructor(message: string, { answer }: Answered = {}) {
    super(message);
    this.answer = answer;
  }
}

/**
 * A resource has more pages than one delivery fetches. Those that were fetched are kept. Costs no receive.
 * @advice Nothing: the message is delivered again, and goes on with the next page.
 */
export class MorePages extends GranaryError {
  readonly code = 'more-pages';
  readonly status = 503;
  readonly decision = 'defer';
  readonly title = 'More Pages';
}

/**
 * Other parts of a run have not ended yet, and this one is about what all of them found. Costs no receive.
 * @advice Nothing: the message is delivered again.
 */
export class PartsUnderWay extends GranaryError {
  readonly code = 'parts-under-way';
  readonly status = 503;
  readonly decision = 'defer';
  readonly title = 'Parts Under Way';
  readonly until: number;
  constructor(message: string, until: number) {
    super(message);
    this.until = until;
  }
}

/**
 * A run no longer found more of a source's resources than may be gone at a time. Nothing is marked as gone.
 * @advice Look at the portal. If they are gone, collect the source with `accept_gone=true`.
 */
export class TooManyGone extends GranaryError {
  readonly code = 'too-many-gone';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Too Many Gone';
}

/**
 * Some users of a page could not be written: the store stayed busy. The page is kept, and is written again.
 * @advice Nothing at first: the page is written again. If it stays so, look at the throttles of the table of users.
 */
export class UsersNotWritten extends GranaryError {
  readonly code = 'users-not-written';
  readonly status = 503;
  readonly decision = 'retry';
  readonly title = 'Users Not Written';
  readonly counts: UserCounts;
  constructor(message: string, counts: UserCounts) {
    super(message);
    this.counts = counts;
  }
}

/**
 * A page that was kept cannot be opened: it was spoilt, or its key is gone. Its users may have been written, so it is
 * not fetched in its place.
 * @advice Delete the object that the message names, and redrive the dead letter: the page is fetched anew.
 */
export class KeptPageUnreadable extends GranaryError {
  readonly code = 'kept-page-unreadable';
  readonly status = 500;
  readonly decision = 'retry';
  readonly title = 'Kept Page Unreadable';
}

/**
 * The bytes are not the kind of file that was expected: an HTML page, nothing at all, a binary.
 * @advice Open the raw object of the run; when the publisher has mended the file, collect again.
 */
export class RefusedContent extends GranaryError {
  readonly code = 'refused-content';
  readonly status = 502;
  readonly decision = 'stop';
  readonly title = 'Refused Content';
}

/**
 * The temporary folder of the function is full: writing the files of a version needs more room than there is. Another
 * invocation may have taken it, so the message is tried again.
 * @advice If it failed three times, raise `tmp_mb` of the function `collect` (up to 10240), deploy and redrive.
 */
export class TemporaryFolderFull extends GranaryError {
  readonly code = 'temporary-folder-full';
  readonly status = 507;
  readonly decision = 'retry';
  readonly title = 'Temporary Folder Full';
}

/**
 * What was written for a version does not read back as it was written: it is not published, and the one before it
 * stays. Asking again does not help: the same bytes make the same files. What is at fault is the writer, the reader or
 * the machine, and somebody has to look.
 * @advice Keep the raw object and report it: this is a fault of Granary's. The version before is served meanwhile.
 */
export class NotReadBack extends GranaryError {
  readonly code = 'not-read-back';
  readonly status = 500;
  readonly decision = 'stop';
  readonly title = 'Not Read Back';
}

/**
 * The rows of a version do not add up to the rows that were read: some would be lost without a word, so it is not
 * published. Asking again does not help: somebody has to look at the code that counts.
 * @advice Keep the raw object and report it: this is a fault of Granary's. The version before is served meanwhile.
 */
export class LedgerImbalance extends GranaryError {
  readonly code = 'ledger-imbalance';
  readonly status = 500;
  readonly decision = 'stop';
  readonly title = 'Ledger Imbalance';
}

/**
 * A version is implausible beside the one before it: it is stored, not published, and waits for an operator. The
 * message says why.
 * @advice An operator compares it with the version before, and releases or rejects it (docs/held-versions.md).
 */
export class VersionHeld extends GranaryError {
  readonly code = 'version-held';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Version Held';
  /** Its number. */
  readonly version: number;
  constructor(message: string, version: number) {
    super(message);
    this.version = version;
  }
}

/**
 * What is asked for does not go with the state that a thing is in: it was decided otherwise, or came too late.
 * @advice Read its state first; the message says what it is.
 */
export class Conflict extends GranaryError {
  readonly code = 'conflict';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Conflict';
}

/**
 * An edit was made of something that is no longer so: somebody else edited it meanwhile, created it, or deleted it.
 * @advice Get it again, make the change anew, and send it with the ETag that came with it.
 */
export class PreconditionFailed extends GranaryError {
  readonly code = 'precondition-failed';
  readonly status = 412;
  readonly decision = 'stop';
  readonly title = 'Precondition Failed';
}

/**
 * An edit does not say what it was made of, so that it could undo another one without a word.
 * @advice Send `If-Match` with the ETag of what is changed, or `If-None-Match: *` to create.
 */
export class PreconditionRequired extends GranaryError {
  readonly code = 'precondition-required';
  readonly status = 428;
  readonly decision = 'stop';
  readonly title = 'Precondition Required';
}

/**
 * The operator of this stage or machine has set the address of a source to `none`.
 * @advice Set the variable that the message names to an address of the source; then start, or deploy, again.
 */
export class NotCollected extends GranaryError {
  readonly code = 'not-collected';
  readonly status = 409;
  readonly decision = 'stop';
  readonly title = 'Not Collected';
}

/**
 * Another worker is publishing the same dataset right now; come back soon.
 * @advice Ask again in a minute. A worker's message waits by itself.
 */
export class PublicationBusy extends GranaryError {
  readonly code = 'publication-busy';
  readonly status = 409;
  readonly decision = 'defer';
  readonly title = 'Publication Busy';
  readonly until: number;
  constructor(message: string, until: number) {
    super(message);
    this.until = until;
  }
}

/**
 * The attempt lost its reservation to another one and must not commit. The other one publishes.
 * @advice Nothing: the message is delivered again, and finds what the other worker published.
 */
export class ReservationLost extends GranaryError {
  readonly code = 'reservation-lost';
  readonly status = 409;
  readonly decision = 'retry';
  readonly title = 'Reservation Lost';
}

/**
 * A version is published, but what follows it (the copy, the tables in SQL) could not be written: that is all that is
 * left to do.
 * @advice Nothing at first: the next delivery does it. If it stays so, look at Glue and S3, and redrive.
 */
export class FollowersLag extends GranaryError {
  readonly code = 'followers-lag';
  readonly status = 503;
  readonly decision = 'retry';
  readonly title = 'Followers Lag';
}

/**
 * A message that its run, its part and its source do not bear out: somebody else wrote it, or what it was planned from
 * has changed. Nothing is done for it and nothing counted; it goes to the dead letters, where somebody can look at it.
 * @advice Find out who may send to the queue. If the source's configuration changed meanwhile, delete it and collect
 * again.
 */
export class MessageNotBelieved extends GranaryError {
  readonly code = 'message-not-believed';
  readonly status = 403;
  readonly decision = 'stop';
  readonly title = 'Message Not Believed';
}

/**
 * A message that no worker of this version can read. Goes to the dead letters.
 * @advice Deploy the version that reads it, and redrive; or delete it.
 */
export class UnreadableMessage extends GranaryError {
  readonly code = 'unreadable-message';
  readonly status = 400;
  readonly decision = 'retry';
  readonly title = 'Unreadable Message';
}
