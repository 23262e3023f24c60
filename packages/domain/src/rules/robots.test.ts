import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decidingRule, readRobots } from './robots.ts';

const mayFetch = (robots: string, path: string, product = 'granary'): boolean =>
  decidingRule(readRobots(robots, product), new URL(path, 'https://portal.example'))?.allow ?? true;
/** Rules of `*`, and an address. */
const allowed = (rules: string, path: string): boolean => mayFetch(`User-agent: *\n${rules}`, path);

describe('robots.txt', () => {
  // RFC 9309, 5.1.
  const EXAMPLE = `User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
`;
  it('says to each crawler what the example of the RFC says', () => {
    const all = (product: string) =>
      ['/example/page.html', '/example/allowed.gif', '/publications/', '/x.gif'].map((path) =>
        mayFetch(EXAMPLE, path, product),
      );
    expect(all('other')).toEqual([false, false, true, false]);
    expect(all('FooBot')).toEqual([true, true, false, false]);
    expect(all('bazbot')).toEqual([false, true, true, true]);
    expect(all('quxbot')).toEqual([true, true, true, true]);
  });

  it('joins groups of the same crawler, and asks those of all only where none names it', () => {
    const text =
      'User-agent: granary\nDisallow: /a\nUser-agent: *\nDisallow: /c\nUser-agent: Granary/2.0\nDisallow: /b';
    expect(['/a', '/b', '/c'].map((path) => mayFetch(text, path))).toEqual([false, false, true]);
    expect(['/a', '/b', '/c'].map((path) => mayFetch(text, path, 'x'))).toEqual([true, true, false]);
  });

  it('lets other lines stand between those of a group', () => {
    const text =
      'User-agent: granary\nSitemap: https://portal.example/map\n\nCrawl-delay: 3\nUser-agent: x\nDisallow: /a';
    // Also where that is hard: what is written between a delay and the next crawler's rules is meant for both (2.2.4).
    expect([mayFetch(text, '/a'), mayFetch(text, '/a', 'x'), mayFetch(text, '/a', 'y')]).toEqual([false, false, true]);
  });

  it('takes the longest rule, and of two as long the one that allows', () => {
    expect(allowed('Disallow: /a\nAllow: /a/b', '/a/b/c')).toBe(true);
    expect(allowed('Allow: /a\nDisallow: /a', '/a')).toBe(true);
    expect(allowed('Allow: /a\nDisallow: /a*', '/a')).toBe(false);
    expect(allowed('Disallow: /\nAllow: /robots', '/x')).toBe(false);
    expect(allowed('Disallow:', '/x')).toBe(true);
    expect(allowed('Disallow: /', '/robots.txt')).toBe(true);
  });

  it('compares octets, whether they are escaped or not', () => {
    // RFC 9309, 2.2.2.
    expect(allowed('Disallow: /foo/bar?baz=quz', '/foo/bar?baz=quz')).toBe(false);
    expect(allowed('Disallow: /foo/bar?baz=https://foo.bar', '/foo/bar?baz=https%3A%2F%2Ffoo.bar')).toBe(false);
    expect(allowed('Disallow: /foo/bar/ツ', '/foo/bar/%E3%83%84')).toBe(false);
    expect(allowed('Disallow: /foo/bar/%e3%83%84', '/foo/bar/%E3%83%84')).toBe(false);
    expect(allowed('Disallow: /foo/bar/%62%61%7A', '/foo/bar/baz')).toBe(false);
    expect(allowed('Disallow: /path/file-with-a-%2A.html', '/path/file-with-a-*.html')).toBe(false);
    expect(allowed('Disallow: /path/file-with-a-%2A.html', '/path/file-with-a-b.html')).toBe(true);
    expect(allowed('Disallow: /a%24', '/a$b')).toBe(false);
    expect(allowed('Disallow: /A', '/a')).toBe(true);
    expect(allowed('Disallow: /?', '/?')).toBe(false);
    expect(allowed('Disallow: /?', '/')).toBe(true);
  });

  it('reads any ends of lines, comments, blanks and a byte order mark, and nothing before the first group', () => {
    expect(mayFetch('\ufeffuser-AGENT : * # all\r\n  disallow\t: /a # not this\rAllow: /a/b', '/a')).toBe(false);
    expect(mayFetch('Disallow: /\nUser-agent: *\nAllow: /', '/a')).toBe(true);
    expect(mayFetch('<!doctype html><html><body>Disallow: /</body></html>', '/a')).toBe(true);
    expect(decidingRule(readRobots('User-agent: *\n\nDisallow: /a # x', 'g'), new URL('http://x/a'))).toEqual({
      ...{ allow: false, pattern: '/a', line: 3 },
    });
  });

  it('has the longest delay that is written for the crawler', () => {
    const text =
      'User-agent: *\nCrawl-delay: 10\nDisallow:\nUser-agent: granary\nCrawl-delay: 1.5\nDisallow: /a\nCrawl-delay: x';
    expect(readRobots(text, 'granary').crawl_delay_s).toBe(1.5);
    expect(readRobots(text, 'other').crawl_delay_s).toBe(10);
    expect(readRobots('User-agent: *\nCrawl-delay: -1', 'other')).toEqual({ rules: [] });
  });

  it('matches as a regular expression of the pattern does', () => {
    const letters = fc.constantFrom('a', 'b', '/', '?', '*', '$', '.');
    const pattern = fc.array(letters, { maxLength: 8 }).map((found) => `/${found.join('')}`);
    const path = fc.array(fc.constantFrom('a', 'b', '/', '?', '.x'), { maxLength: 12 });
    fc.assert(
      fc.property(pattern, path, (written, found) => {
        const target = `/${found.join('')}`.replace(/^\/+/, '/');
        fc.pre(new URL(target, 'https://portal.example').href === `https://portal.example${target}`);
        const source = written.replace(/[.?$]/g, '\\$&').replaceAll('*', '.*').replace(/\\\$$/, '$');
        expect(allowed(`Disallow: ${written}`, target)).toBe(!new RegExp(`^${source}`).test(target));
      }),
    );
  });
});
