import { CollectionMessage } from '../../messages/collect.ts';
import { FetchUsersMessage } from '../../messages/fetch-users.ts';
import type { PartQueue } from '../../messages/part.ts';
import type { DeadLetter } from '../../ports/dead-letters.ts';
import { parsedJson, Whose } from './reject-message.ts';

const SCHEMAS = { collect: CollectionMessage, 'fetch-users': FetchUsersMessage } as const satisfies Record<
  PartQueue,
  unknown
>;

export type QueuedMessage = CollectionMessage | FetchUsersMessage;

/** What a dead letter says when it is one of the messages of its queue; undefined when it is anything else. */
export const messageIn = ({ queue, body }: Pick<DeadLetter, 'queue' | 'body'>): QueuedMessage | undefined =>
  SCHEMAS[queue].safeParse(parsedJson(body)).data;

/** Whose part it was; even what is no message of ours may say so. */
export const whoseIs = ({ body }: Pick<DeadLetter, 'body'>): { run: string; part: number } | undefined =>
  Whose.safeParse(parsedJson(body)).data;
