/** One request to both. */
export type Asking = {
  method: 'GET' | 'HEAD';
  /** Parameters as they are meant; encoded when they are sent. */
  query: readonly (readonly [name: string, value: string])[];
  headers: Readonly<Record<string, string>>;
  /** Nothing says in which order the rows come. */
  anyOrder: boolean;
};

export const addressOf = ({ query }: Asking): string => {
  const text = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return text === '' ? '' : `?${text}`;
};

/** As it is written in lists and reports: `HEAD a=eq.1&b=eq.2 Prefer: count=exact`. */
export const lineOf = ({ method, query, headers }: Asking): string =>
  [
    ...(method === 'GET' ? [] : [method]),
    query.map((parameter) => parameter.join('=')).join('&'),
    ...Object.entries(headers).map((header) => header.join(': ')),
  ].join(' | ');

const isGrouped = (query: Asking['query']): boolean =>
  query.some(
    ([name, value]) =>
      name === 'select' && /\.(?:sum|avg|min|max|count)\(\)|(?:^|[,:])count(?:\(\))?(?:$|,|::)/.test(value),
  );

/** Groups come in any order unless one is asked for; rows in that of the table. */
export const asking = (
  query: Asking['query'],
  headers: Asking['headers'] = {},
  method: Asking['method'] = 'GET',
): Asking => ({ method, query, headers, anyOrder: isGrouped(query) && !query.some(([name]) => name === 'order') });

/** Reads what {@link lineOf} writes. Parameters stand between `&`, which no value in the lists has. */
export const fromLine = (line: string): Asking => {
  const [first = '', ...rest] = line.split(/(?:^| )\| /);
  const method = first === 'HEAD' ? 'HEAD' : 'GET';
  const [query = '', ...headers] = method === 'HEAD' ? rest : [first, ...rest];
  const parameters =
    query === ''
      ? []
      : query.split('&').map((text): [string, string] => {
          const at = text.indexOf('=');
          return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
        });
  return asking(
    parameters,
    Object.fromEntries(headers.map((text) => text.split(/: (.*)/s).slice(0, 2) as [string, string])),
    method,
  );
};
