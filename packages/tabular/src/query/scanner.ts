/** Reads a parameter from left to right and says where it could not be read. */
import { type QueryError, syntaxError } from './query-error.ts';

const NAME = /[\p{L}\p{N}_ $]+(?:-(?!>)[\p{L}\p{N}_ $]+)*/uy;

export class Scanner {
  readonly what: string;
  readonly text: string;
  readonly #shown: string;
  /** Position in `text`, from 0. */
  at = 0;

  /** `what` names the parameter in errors: `select parameter`, `filter`; `shown` is its text there. */
  constructor(what: string, text: string, shown = text) {
    this.what = what;
    this.text = text;
    this.#shown = shown;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }

  peek(): string {
    return this.text[this.at] ?? '';
  }

  /** An error at the position, in the words of PostgREST's parser. */
  expected(...things: string[]): QueryError {
    const found = this.ended ? 'end of input' : JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at)!));
    return this.failed(`unexpected ${found} expecting ${things.join(' or ')}`);
  }

  failed(details: string): QueryError {
    return syntaxError(this.what, this.#shown, this.at + 1, details);
  }

  blanks(): void {
    while (this.peek() === ' ' || this.peek() === '\t') this.at++;
  }

  /** Moves past the text when it is next. */
  took(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  need(text: string): void {
    if (!this.took(text)) throw this.expected(JSON.stringify(text));
  }

  end(): void {
    if (!this.ended) throw this.expected('end of input');
  }

  /** What is next of a sticky expression, which the position moves past; undefined when it does not match. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** A name as it stands or in quotes; blanks around one that is not quoted do not count. */
  name(): string {
    if (this.peek() === '"') return this.quoted();
    const name = this.match(NAME)?.trim();
    if (!name) throw this.expected('field name (* or [a..z0..9_$])');
    return name;
  }

  /** A text in double quotes, in which a backslash takes the next character as it is. */
  quoted(): string {
    const begin = this.at;
    this.need('"');
    let value = '';
    for (;;) {
      value += this.match(/[^"\\]*/y) ?? '';
      if (this.took('"')) return value;
      this.at++;
      if (this.ended) {
        this.at = begin;
        throw this.failed('a quote that is opened here is never closed');
      }
      value += this.text[this.at++];
    }
  }

  /** No quote that is opened from here on is closed: each is escaped in what the first of them holds. */
  #neverClosed = false;

  /**
   * A quoted text when it ends where one of `ends` begins (or the text does); undefined, and nothing read, otherwise.
   */
  quotedBefore(ends: string): string | undefined {
    if (this.peek() !== '"' || this.#neverClosed) return undefined;
    const begin = this.at;
    const closed = this.match(/"(?:[^"\\]|\\.)*"/sy);
    this.#neverClosed = closed === undefined;
    const fits = closed !== undefined && (this.ended || ends.includes(this.peek()));
    this.at = begin;
    return fits ? this.quoted() : undefined;
  }
}
