import type { buildApp } from 'fauxqs';

type App = ReturnType<typeof buildApp>;
type Attribute = { DataType?: string; StringValue?: string };
type Attributes = Record<string, Attribute>;
type Entry = { MessageAttributes?: Attributes; MessageSystemAttributes?: Attributes };
type Received = {
  Attributes?: Record<string, string>;
  MessageAttributes?: Attributes;
  MD5OfMessageAttributes?: string;
};
type Body = Entry & { Entries?: Entry[]; AttributeNames?: string[]; MessageSystemAttributeNames?: string[] } & {
  MessageAttributeNames?: string[];
};
type Message = { messageAttributes: Attributes };
export type SqsStoreClass = { createMessage(body: string, attributes?: Attributes, ...rest: unknown[]): Message };

const HEADER = 'AWSTraceHeader';
/**
 * Where it lies beside the attributes of a message, with which fauxqs stores it and moves it to the dead letters. No
 * attribute may be called so.
 */
const KEPT = '\u0000trace';

/** Headers by the attributes that a request gave: all that fauxqs hands on of it. */
const headers = new WeakMap<Attributes, Attribute>();
const wrapped = new WeakSet<SqsStoreClass>();

/**
 * Has fauxqs keep the one system attribute that a message may be sent with, X-Ray's trace header, and give it to
 * whoever receives the message and asks for it. It is no part of the digest of attributes, as in SQS.
 */
export const keepTraceHeaders = (app: App, store: SqsStoreClass): void => {
  if (!wrapped.has(store)) {
    const create = store.createMessage.bind(store);
    store.createMessage = (body, attributes = {}, ...rest) => {
      const message = create(body, attributes, ...rest);
      const header = headers.get(attributes);
      return header ? { ...message, messageAttributes: { ...attributes, [KEPT]: header } } : message;
    };
    wrapped.add(store);
  }
  app.addHook('preHandler', (request, _reply, done) => {
    const body = request.body as Body | undefined;
    const entries = Array.isArray(body?.Entries) ? body.Entries : body && [body];
    for (const entry of entries ?? []) {
      const header = entry?.MessageSystemAttributes?.[HEADER];
      if (typeof header?.StringValue !== 'string') continue;
      entry.MessageAttributes = { ...entry.MessageAttributes };
      headers.set(entry.MessageAttributes, header);
    }
    // Only those that are named come this far; whether it is asked for is seen below.
    if (body?.MessageAttributeNames?.length) body.MessageAttributeNames.push(KEPT);
    done();
  });
  app.addHook('preSerialization', (request, _reply, payload, done) => {
    const { Messages } = (payload ?? {}) as { Messages?: Received[] };
    if (!Array.isArray(Messages)) return done(null, payload);
    const { AttributeNames = [], MessageSystemAttributeNames = [] } = request.body as Body;
    const wanted = [...AttributeNames, ...MessageSystemAttributeNames].some((name) => ['All', HEADER].includes(name));
    done(null, { ...(payload as object), Messages: Messages.map((message) => withHeader(message, wanted)) });
  });
};

const withHeader = ({ MessageAttributes, ...message }: Received, wanted: boolean): Received => {
  if (!MessageAttributes) return message;
  const { [KEPT]: header, ...own } = MessageAttributes;
  const Attributes =
    wanted && header?.StringValue ? { ...message.Attributes, [HEADER]: header.StringValue } : message.Attributes;
  return {
    ...message,
    ...(Attributes && { Attributes }),
    ...(Object.keys(own).length > 0 && { MessageAttributes: own }),
  };
};
