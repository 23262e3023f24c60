import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { User } from '../user.ts';
import {
  beginningWithoutPii,
  forReaders,
  maskCard,
  maskEmail,
  maskPhone,
  maskSin,
  maskUsername,
  withoutPii,
  withoutQueryOf,
  withoutSecrets,
  withSecrets,
} from './pii.ts';

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''));
const letters = fc.stringMatching(/^[a-z]{3,12}$/);
const secretOf = fc.record({
  password: fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }).filter((text) => text.trim().length >= 8),
  social_insurance_number: digits(9),
  email: fc.tuple(letters, letters, letters).map(([a, b, host]) => `${a}.${b}@${host}.com`),
  phone_number: fc
    .tuple(digits(3), digits(3), digits(3), digits(4), fc.option(digits(4)))
    .map(([a, b, c, d, extension]) => `+${a} ${b}-${c}.${d}${extension ? ` x${extension}` : ''}`),
  cc_number: fc.oneof(
    digits(16),
    fc.tuple(digits(4), digits(4), digits(4), digits(4)).map((parts) => parts.join('-')),
  ),
});
const secretsWithin = (text: string, secrets: object): string[] =>
  Object.values(secrets).filter(
    (secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)),
  );

describe('A mask', () => {
  it('leaves the last digits of a number, if there are enough of them', () => {
    expect(['262917652', '262-917-652', '652', ''].map(maskSin)).toEqual([
      '***-***-652',
      '***-***-652',
      '***-***-***',
      '***-***-***',
    ]);
    expect(['4861857171103', '4101-1289-2930-8244', '1103'].map(maskCard)).toEqual([
      '****-****-****-1103',
      '****-****-****-8244',
      '****-****-****-****',
    ]);
    expect(['+299 839-042-9541', '+236 322-908-8035 x2843', '41'].map(maskPhone)).toEqual([
      '***-***-**41',
      '***-***-**43',
      '***-***-****',
    ]);
  });

  it('leaves the first letter of an e-mail address', () => {
    expect(['a.b@email.com; call 555-123-4567', 'Ann <ann@email.com>', 'a@'].map(maskEmail)).toEqual(
      Array(3).fill('***'),
    );
    expect(['federico.rolfson@email.com', 'a@email.com', 'no address', '😀x@a.b'].map(maskEmail)).toEqual([
      'f***@***',
      '***@***',
      '***',
      '😀***@***',
    ]);
    expect(['federico', 'f', '😀', '😀x', 'a@b'].map(maskUsername)).toEqual(['f***', '***', '***', '😀***', 'a***']);
  });

  it('takes the place of a secret, and the secret takes it back', () => {
    const user: User = {
      id: 1,
      last_name: 'Rolfson',
      social_insurance_number: '262917652',
      credit_card: { cc_number: '4861857171103' },
    };
    const { user: masked, secrets } = withoutSecrets(user);
    expect(masked).toEqual({
      ...user,
      social_insurance_number: '***-***-652',
      credit_card: { cc_number: '****-****-****-1103' },
    });
    expect(withSecrets(masked, secrets)).toEqual(user);
  });

  it('invents nothing where there is nothing', () => {
    const user: User = { id: 1, last_name: 'Rolfson', social_insurance_number: null, credit_card: null, email: null };
    expect(withoutSecrets(user)).toEqual({ user, secrets: {} });
    expect(withSecrets(forReaders(user), {})).toEqual(user);
    expect(forReaders({ id: 1, last_name: 'x', phone_number: '' })).toEqual({
      id: 1,
      last_name: 'x',
      phone_number: '',
    });
  });

  it('hides what it hides wherever the user repeats it', () => {
    const user: User = {
      id: 1,
      last_name: 'Rolfson',
      username: 'federico@email.com',
      avatar: 'https://faces.test/262917652/4861857171103?of=federico@email.com',
      email: 'federico@email.com',
      phone_number: '+299 839-042-9541',
      employment: { title: 'call +299 839-042-9541' },
      social_insurance_number: '262917652',
      credit_card: { cc_number: '4861857171103' },
    };
    const { user: stored, secrets } = withoutSecrets(user);
    expect(JSON.stringify(stored)).not.toMatch(/262917652|4861857171103/);
    expect(JSON.stringify(forReaders(stored))).not.toMatch(/262917652|4861857171103|federico@|839/);
    expect(withSecrets(stored, secrets)).toMatchObject({ social_insurance_number: '262917652', email: user.email });
    expect(forReaders({ ...user, email: 'a@b', username: 'a@b' }).username).toBe('a***');
  });

  it('is what readers see of e-mail and phone', () => {
    const user: User = { id: 1, last_name: 'Rolfson', email: 'federico@email.com', phone_number: '+299 839-042-9541' };
    expect(forReaders(user)).toEqual({ ...user, email: 'f***@***', phone_number: '***-***-**41' });
  });

  it.each<[string, Partial<User>]>([
    ['its first half', { username: 'felicia.smith', email: 'felicia.smith@email.com' }],
    ['that in other letters', { username: 'Felicia.Smith', email: 'felicia.smith@EMAIL.com' }],
    ['the whole address', { username: 'felicia.smith@email.com', email: 'felicia.smith@email.com' }],
    ['a part of it', { username: 'felicia', email: 'felicia.smith@email.com' }],
    ['more than it', { username: 'felicia.smith.1', email: 'felicia.smith+1@email.com' }],
    ['short', { username: 'fs', email: 'fs@email.com' }],
  ])('X5: no address comes together again from the username beside its mask, which is %s', (_what, person) => {
    const user: User = { id: 1, first_name: 'Felicia', last_name: 'Smith', ...person };
    const seen = forReaders(user);
    expect(seen).toEqual({ ...user, username: expect.stringMatching(/^f\*\*\*$/i), email: 'f***@***' });
    // Neither is the host anywhere, nor what stands before it; but for the names, which are no secret here.
    expect(JSON.stringify({ ...seen, first_name: '', last_name: '' })).not.toMatch(/email\.com|elicia|"fs/i);
    expect(withSecrets(user, {})).toEqual(user);
  });
});

describe('A text of others', () => {
  it.each([
    ['{"message":"Maximum allowed size is 100"}', '{"message":"Maximum allowed size is 100"}'],
    ['503 Service Unavailable', '503 Service Unavailable'],
    ['call +299 839-042-9541 x12 now', 'call (number removed) now'],
    [
      'http://a.ma/33d17e4f-4f44-43c4-9e6a-047112998877/a.csv answered 404',
      'http://a.ma/33d17e4f-4f44-43c4-9e6a-047112998877/a.csv answered 404',
    ],
    ['33d17e4f-4f44-43c4-9e6a-047112998877-2629176 1', '33d17e4f-4f44-43c4-9e6a-(number removed)'],
    ['write to federico@email.com.', 'write to (e-mail removed)'],
    ['{"password":"a\\"b","n":1}', '{"password: (removed),"n":1}'],
    ['?userPassword=hunter2&x=1', '?userPassword: (removed)'],
    ['<password>hunter2</password>', '<password>(removed)</password>'],
    ['{"email":["a@b","c@d"]', '{"email: (removed)'],
    ['f\\u0040email.com', '(e-mail removed)'],
    [
      'f&#64;email.com, f&amp;commat;email.com, f%2540email.com',
      '(e-mail removed), (e-mail removed), (e-mail removed)',
    ],
    ['SIN: 262 917 652', 'SIN: (removed)'],
    ['password: correct horse\nbattery', 'password: (removed)\nbattery'],
    ['Parameters: {"password"=>"hunter 2"}', 'Parameters: {"password: (removed)}'],
    ['{&quot;password&quot;=&gt;&quot;hunter2&quot;}', '{&quot;password: (removed)'],
    ['%22password%22%3A%22hunter2%22', '%22password: (removed)'],
    ['262%2D917%2D652 and 262&nbsp;917&nbsp;652', '(number removed) and (number removed)'],
    ['26&#50;&#x39;17652', '(number removed)'],
    ['p\0a\0s\0s\0w\0o\0r\0d\0:\0x\0', 'password: (removed)'],
    ['26\u200b29\u200b17652', '(number removed)'],
    ['\u001b[2Jno\u009b31m\u202e such\n\tpage', '[2Jno31m such\n\tpage'],
    ['Authorization: Bearer abc.def', 'Authorization: (removed)'],
    ['{"api_key":"abc","lat":1.5,"error":"no"}', '{"api_key: (removed),"lat: (removed),"error":"no"}'],
  ])('loses what may be about a person: %s', (text, clean) => {
    expect(withoutPii(text)).toBe(clean);
  });

  it('holds none of a user’s secrets, however it was made of one', () => {
    const wraps: ((json: string) => string)[] = [
      (json) => json,
      (json) => JSON.stringify({ body: json }),
      (json) => JSON.stringify(JSON.stringify([json])),
      (json) => json.slice(0, Math.floor(json.length / 2)),
      (json) => JSON.stringify(JSON.parse(json), null, 2),
    ];
    fc.assert(
      fc.property(secretOf, fc.string(), fc.string(), fc.nat(wraps.length - 1), (secrets, before, after, wrap) => {
        // A word that stands beside the user by chance and is its password (fast-check likes `__proto__`) tells nothing
        // of it.
        fc.pre(secretsWithin(before, secrets).length + secretsWithin(after, secrets).length === 0);
        const { cc_number, ...flat } = secrets;
        const user = { id: 7, ...flat, credit_card: { cc_number } };
        const text = before + wraps[wrap]!(JSON.stringify([user])) + after;
        expect(secretsWithin(withoutPii(text), secrets)).toEqual([]);
        expect(secretsWithin(beginningWithoutPii(text, 100), secrets)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut without leaving half a number behind', () => {
    const text = `${'a '.repeat(45)}card 4861 8571 7110 3`;
    for (let length = 20; length <= text.length; length++) {
      expect(beginningWithoutPii(text, length)).not.toMatch(/\d/);
      expect(beginningWithoutPii(text, length).length).toBeLessThanOrEqual(length);
    }
  });

  it('loses what the query held that was asked with, written in either way, and no short words', () => {
    const url = 'https://users.test/users?size=2&k=a%2Fsecret';
    expect(withoutQueryOf(url, 'no /users?size=2&k=a%2Fsecret: a/secret is wrong, 2')).toBe(
      'no /users?size=2&k=(removed): (removed) is wrong, 2',
    );
  });

  it.each(['password', '"', '\\', '1', 'a', '1 ', 'password="', '<email ', 'social_', '&#', '%', '&quot;'])(
    'of nothing but %j takes no long time',
    (unit) => {
      expect(typeof withoutPii(unit.repeat(20_000))).toBe('string');
    },
  );

  it('of two million backslashes takes no hour, as it did: a source could have held up the pages of others', () => {
    expect(typeof withoutPii(`password ${'\\'.repeat(2_000_000)}`)).toBe('string');
  });
});
