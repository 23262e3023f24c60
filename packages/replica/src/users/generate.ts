import { randomOf, type SeededRandom } from '../prng.ts';
import * as words from './made-words.ts';

/** Whose answer it is: `nth` is the number of the request, and no two requests get the same users. */
export type UsersEdition = { seed: string; series: number; nth: number };

const IDS = 10_000;
/** How often a user has the id and the last name of one that an earlier request, or the same one, was given. */
const GIVEN_BEFORE = 0.01;
const GIVEN_HERE = 0.003;
const WITH_EXTENSION = 0.6;
const WITH_LONG_ZIP = 0.6;

const pick = (random: SeededRandom, list: readonly string[]): string => list[random.integer(0, list.length - 1)];
const digits = (random: SeededRandom, form: string): string => form.replaceAll('#', () => String(random.integer(0, 9)));
const hex = (random: SeededRandom, form: string): string =>
  form.replaceAll('#', () => random.integer(0, 15).toString(16));
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** All 53 bits: coordinates have 14 decimals and more. */
const fraction = (random: SeededRandom): number => random.next() + random.next() / 2 ** 32;
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();

const keyOf = (edition: UsersEdition, index: number): { id: number; last_name: string } => {
  const { seed, series, nth } = edition;
  const random = randomOf('user key', seed, series, nth, index);
  if (nth > 1 && random.chance(GIVEN_BEFORE))
    return keyOf({ ...edition, nth: random.integer(Math.max(1, nth - 20), nth - 1) }, random.integer(0, index));
  if (index > 0 && random.chance(GIVEN_HERE)) return keyOf(edition, random.integer(0, index - 1));
  return { id: random.integer(0, IDS - 1), last_name: pick(random, words.LAST_NAMES) };
};

const addressOf = (random: SeededRandom) => {
  const street_name = `${pick(random, words.LAST_NAMES)} ${pick(random, words.STREET_TYPES)}`;
  const name = pick(random, words.FIRST_NAMES);
  const { before, after } = words.CITY_PARTS;
  return {
    city: random.chance(0.4) ? `${pick(random, before)} ${name}` : `${name}${pick(random, after)}`,
    street_name,
    street_address: `${random.integer(1, 99_999)} ${street_name}`,
    zip_code: digits(random, random.chance(WITH_LONG_ZIP) ? '#####-####' : '#####'),
    state: pick(random, words.STATES),
    country: random.chance(0.85) ? words.COUNTRIES[0] : pick(random, words.COUNTRIES),
    coordinates: { lat: fraction(random) * 180 - 90, lng: fraction(random) * 360 - 180 },
  };
};

const titleOf = (random: SeededRandom): string => {
  const { level, field, role } = words.TITLE_PARTS;
  return [...(random.chance(0.5) ? [pick(random, level)] : []), pick(random, field), pick(random, role)].join(' ');
};

const phoneOf = (random: SeededRandom): string => {
  const extension = random.chance(WITH_EXTENSION) ? ` x${digits(random, '#'.repeat(random.integer(3, 5)))}` : '';
  return `+${pick(random, words.CALLING_CODES)} ${digits(random, pick(random, words.PHONE_FORMS))}${extension}`;
};

/** One user in the shape and the order of members of the source. `index`: place in the page, from 0. */
export const userAt = (edition: UsersEdition, index: number) => {
  const { id, last_name } = keyOf(edition, index);
  const random = randomOf('user', edition.seed, edition.series, edition.nth, index);
  const first_name = pick(random, words.FIRST_NAMES);
  const username = `${plain(first_name)}.${plain(last_name)}`;
  return {
    id,
    uid: hex(random, '########-####-4###-a###-############'),
    password: Array.from({ length: 10 }, () => LETTERS[random.integer(0, LETTERS.length - 1)]).join(''),
    first_name,
    last_name,
    username,
    email: `${username}@email.com`,
    avatar: `https://robohash.org/${hex(random, '############')}.png?size=300x300&set=set1`,
    gender: pick(random, words.GENDERS),
    phone_number: phoneOf(random),
    social_insurance_number: digits(random, '#########'),
    date_of_birth: new Date(Date.UTC(random.integer(1954, 2005), 0, random.integer(1, 365))).toISOString().slice(0, 10),
    employment: { title: titleOf(random), key_skill: pick(random, words.SKILLS) },
    address: addressOf(random),
    credit_card: { cc_number: digits(random, pick(random, words.CARD_FORMS)) },
    subscription: {
      plan: pick(random, words.PLANS),
      status: pick(random, words.STATUSES),
      payment_method: pick(random, words.PAYMENTS),
      term: pick(random, words.TERMS),
    },
  };
};
export type ReplicaUser = ReturnType<typeof userAt>;

export const usersOf = (edition: UsersEdition, size: number): ReplicaUser[] =>
  Array.from({ length: size }, (_, index) => userAt(edition, index));
