/**
 * robots.txt by RFC 9309: which rules are for a crawler, and whether they let it fetch an address. Pure; when the file
 * is fetched, and what holds while it cannot be, is robots-files.ts's.
 */

/** `pattern` and `line` as the file has them, for people. */
export type RobotsRule = { allow: boolean; pattern: string; line: number };

/** What a file says to one crawler. */
export type RobotsRules = {
  rules: readonly RobotsRule[];
  /** Seconds between two requests. No part of the RFC, and widely written. */
  crawl_delay_s?: number;
};

type Group = { agents: string[]; rules: RobotsRule[]; delay: number };

/** The product token at the beginning of a `User-agent`, or `*`; lower case. */
const agentOf = (value: string): string => /^(\*|[a-z_-]+)/i.exec(value)?.[0].toLowerCase() ?? '';

/**
 * All groups that name the crawler, or if none does those of `*`, as one (RFC 9309, 2.2.1). Lines that are no
 * `User-agent`, `Allow` or `Disallow` are no part of groups, and end none.
 */
export const readRobots = (text: string, product: string): RobotsRules => {
  const groups: Group[] = [];
  let isOpen = false;
  for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
    const [, name = '', value = ''] = /^([^:#]+):([^#]*)/.exec(line.trim()) ?? [];
    const pattern = value.trim();
    const group = groups.at(-1);
    switch (name.trim().toLowerCase()) {
      case 'user-agent':
        if (isOpen) group!.agents.push(agentOf(pattern));
        else groups.push({ agents: [agentOf(pattern)], rules: [], delay: 0 });
        isOpen = true;
        break;
      case 'allow':
      case 'disallow':
        isOpen = false;
        if (pattern) group?.rules.push({ allow: name.trim().toLowerCase() === 'allow', pattern, line: at + 1 });
        break;
      case 'crawl-delay':
        if (group && Number(pattern) > 0) group.delay = Math.max(group.delay, Number(pattern));
        break;
    }
  }
  const of = (agent: string) => groups.filter(({ agents }) => agents.includes(agent));
  const own = of(product.toLowerCase());
  const chosen = own.length > 0 ? own : of('*');
  const crawl_delay_s = Math.max(0, ...chosen.map(({ delay }) => delay));
  return { rules: chosen.flatMap(({ rules }) => rules), ...(crawl_delay_s > 0 && { crawl_delay_s }) };
};

/**
 * Octets as they are compared: what is written `%41` is `A`, what is not ASCII is `%C3%A9`, whatever case its digits
 * have, and reserved characters are the same whether they are escaped or not.
 */
const comparable = (text: string): string =>
  text
    .replaceAll(/[^!-~]/gu, (character) => encodeSafely(character))
    .replaceAll(/%([\da-f]{2})/gi, (octet, digits: string) => {
      const code = Number.parseInt(digits, 16);
      return code > 0x20 && code < 0x7f ? String.fromCharCode(code) : octet.toUpperCase();
    });

/** Half a surrogate pair has no encoding. */
const encodeSafely = (character: string): string =>
  /\p{Cs}/u.test(character) ? '%EF%BF%BD' : encodeURIComponent(character);

/** `*` is any text, `$` at the end the end: each part between two `*` is looked for behind the one before it. */
const matches = (pattern: string, target: string): boolean => {
  const isWhole = pattern.endsWith('$');
  const [first = '', ...parts] = (isWhole ? pattern.slice(0, -1) : pattern).split('*').map(comparable);
  if (!target.startsWith(first)) return false;
  let from = first.length;
  const last = isWhole ? parts.pop() : undefined;
  for (const part of parts) {
    const at = target.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  if (last === undefined) return !isWhole || from === target.length;
  return target.length - last.length >= from && target.endsWith(last);
};

/** By its octets, wildcards included. */
const lengthOf = (pattern: string): number => comparable(pattern).length;

/**
 * The rule that decides about an address: the longest of those that match, and of two that are as long the one that
 * allows. undefined: none does, so it is allowed; robots.txt itself always is.
 */
export const decidingRule = ({ rules }: RobotsRules, url: URL): RobotsRule | undefined => {
  if (url.pathname === '/robots.txt') return undefined;
  // `search` leaves out a query that is empty: `/?` is another address than `/`.
  const target = comparable(url.href.slice(url.href.indexOf(url.pathname, url.protocol.length + 2)).split('#')[0]!);
  let deciding: { rule: RobotsRule; length: number } | undefined;
  for (const rule of rules) {
    if (!matches(rule.pattern, target)) continue;
    const length = lengthOf(rule.pattern);
    if (!deciding || length > deciding.length || (length === deciding.length && rule.allow && !deciding.rule.allow))
      deciding = { rule, length };
  }
  return deciding?.rule;
};
