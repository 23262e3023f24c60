import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { likeMatcher, likePrefix } from './like.ts';

/** By definition, one character at a time; takes exponential time. */
const slow = (pattern: readonly string[], text: readonly string[]): boolean => {
  const [head, ...rest] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === '%') return slow(rest, text) || (text.length > 0 && slow(pattern, text.slice(1)));
  if (text.length === 0) return false;
  if (head === '_') return slow(rest, text.slice(1));
  if (head === '\\') return text[0] === rest[0] && slow(rest.slice(1), text.slice(1));
  return text[0] === head && slow(rest, text.slice(1));
};

describe('likeMatcher', () => {
  it('matches what the definition matches', () => {
    const part = fc.constantFrom('a', 'b', '%', '_', '\\%', '\\_', '\\\\', '\\a', '🍇', '%%');
    const texts = fc.array(fc.constantFrom('a', 'b', '%', '_', '\\', '🍇', 'é'), { maxLength: 7 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), texts, (parts, characters) => {
        const pattern = parts.join('');
        expect(likeMatcher(pattern, false)(characters.join(''))).toBe(slow([...pattern], characters));
      }),
      { numRuns: 3000 },
    );
  });

  it('is quick with patterns that would make a backtracking one slow', () => {
    const bomb = `${'%a'.repeat(5000)}%b`;
    expect(likeMatcher(bomb, true)('A'.repeat(100_000))).toBe(false);
    expect(likeMatcher(`${'%_a'.repeat(50)}%b`, false)('a'.repeat(2000))).toBe(false);
  });

  it('ignores case when asked to', () => {
    expect(likeMatcher('são%', true)('SÃO PAULO')).toBe(true);
    expect(likeMatcher('são%', false)('SÃO PAULO')).toBe(false);
  });

  it.each([
    ['istanbul', 'İstanbul', true],
    ['İSTANBUL', 'istanbul', true],
    ['%σ', 'ΟΔΟΣ', true],
    ['%Σ', 'οδοσ', true],
    // A final sigma is a letter of its own, which has no other way to be lower.
    ['οδος', 'ΟΔΟΣ', false],
    ['%ς', 'οδος', true],
    ['straße', 'STRAßE', true],
    ['strasse', 'straße', false],
    ['ẞ', 'ß', true],
    ['ǆ', 'ǅ', true],
    ['_stanbul', 'İstanbul', true],
  ])('R4: folds character by character as PostgreSQL does: %s and %s', (pattern, text, fits) => {
    expect(likeMatcher(pattern, true)(text)).toBe(fits);
  });

  it('knows what every match begins with', () => {
    expect(likePrefix('ab\\%c%d')).toBe('ab%c');
    expect(likePrefix('a_b')).toBe('a');
    expect(likePrefix('%a')).toBe('');
  });
});
