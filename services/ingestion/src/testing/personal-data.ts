import { gunzipSync } from 'node:zlib';
import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from '@jest/globals';
import type { GivenUser } from './users-source.ts';
import type { UsersStack } from './users-stack.ts';

/** What nobody may be able to read anywhere, and what only the table of users may hold. */
export const personalOf = (users: readonly GivenUser[]) => {
  const sealed = users.flatMap((user) => [user.password, user.social_insurance_number, user.credit_card?.cc_number]);
  const contact = users.flatMap(({ email, phone_number, uid, username, avatar, address }) => [
    ...[email, phone_number, uid, username, avatar],
    (address as { street_address?: string } | undefined)?.street_address,
  ]);
  const words = (values: readonly unknown[]) =>
    new Set(values.filter((value): value is string => typeof value === 'string' && value.length > 4));
  return { sealed: words(sealed), contact: words(contact) };
};

/**
 * Which of the words the text has. Each has four characters or more; those are looked up first, since there are tens of
 * thousands of words and megabytes of text.
 */
export const foundIn = (text: string, words: Iterable<string>): string[] => {
  const byBeginning = Map.groupBy(words, (word) => slotOf(word, 0));
  const known = new Uint8Array(SLOTS);
  for (const slot of byBeginning.keys()) known[slot] = 1;
  const found = new Set<string>();
  for (let at = 0; at + 4 <= text.length; at++) {
    const slot = slotOf(text, at);
    if (known[slot] === 0) continue;
    for (const word of byBeginning.get(slot)!) if (text.startsWith(word, at)) found.add(word);
  }
  return [...found];
};

const SLOTS = 2 ** 24;
const slotOf = (text: string, at: number): number =>
  (text.charCodeAt(at) ^
    (text.charCodeAt(at + 1) << 6) ^
    (text.charCodeAt(at + 2) << 12) ^
    (text.charCodeAt(at + 3) << 17)) &
  (SLOTS - 1);

const asText = (bytes: Uint8Array): string => {
  const raw = Buffer.from(bytes);
  return raw[0] === 0x1f && raw[1] === 0x8b ? `${raw.toString('latin1')}\n${gunzipSync(raw)}` : raw.toString();
};

/** All bodies that lie in a queue; they are visible again at once. */
const bodiesOf = async (stack: UsersStack, name: string): Promise<string> => {
  const bodies = new Map<string, string>();
  let messages: Message[];
  const QueueUrl = stack.queueUrl(name);
  do {
    const request = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 1,
      MessageAttributeNames: ['All'],
    });
    messages = (await stack.sqs.send(request)).Messages ?? [];
    for (const message of messages) bodies.set(message.MessageId!, JSON.stringify(message));
  } while (messages.length > 0);
  return [...bodies.values()].join('\n');
};

/**
 * Looks everywhere where something was written: standard output, objects, events, queues, items. What was found, by
 * place.
 */
export const personalIn = async (stack: UsersStack, users: readonly GivenUser[]): Promise<Record<string, string[]>> => {
  const { sealed, contact } = personalOf(users);
  expect(Math.min(sealed.size, contact.size)).toBeGreaterThan(users.length / 2);
  const objects = await Promise.all((await stack.objects.list('')).map(async (key) => (await stack.objects.get(key))!));
  const events = await Promise.all((['Info', 'Error', 'Status'] as const).map((stream) => stack.events(stream)));
  const places = {
    'standard output': stack.lines.join(''),
    objects: objects.map(asText).join('\n'),
    events: JSON.stringify(events),
    'dead letters': await bodiesOf(stack, 'fetch-users-dlq'),
    queue: await bodiesOf(stack, 'fetch-users'),
    'items of runs': JSON.stringify(await stack.itemsOf('catalog')),
  };
  const found = Object.entries(places).map(([place, text]) => [place, foundIn(text, [...sealed, ...contact])] as const);
  // The table has addresses and numbers by which a person is reached; what is sealed it does not have in clear.
  const items = JSON.stringify(await stack.itemsOf('users'));
  const all = [...found, ['table of users', foundIn(items, sealed)] as const];
  return Object.fromEntries(all.filter(([, words]) => words.length > 0));
};

export const expectNothingPersonal = async (stack: UsersStack, users: readonly GivenUser[]): Promise<void> =>
  expect(await personalIn(stack, users)).toEqual({});
