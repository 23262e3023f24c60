import type { AnyEndpoint, Example } from '@granary/runtime/endpoint';

export type Sample = { lang: 'Shell' | 'JavaScript' | 'Python' | 'R'; label: string; source: string };

/** `/v1/runs/{id}` → `/v1/runs/$RUN_ID`: what only a running stack knows is a variable, named after its list. */
const PLACES: Readonly<Record<string, string>> = {
  '/v1/runs/{id}': 'RUN_ID',
  '/v1/users/{id}': 'USER_ID',
  '/v1/query/{id}': 'QUERY_ID',
};

/** The variable that an example needs besides GRANARY and TOKEN, or undefined. */
export const placeIn = (path: string): { name: string; list: string } | undefined => {
  const found = Object.entries(PLACES).find(([place]) => path.startsWith(place));
  return found && { name: found[1], list: found[0].replace('/{id}', '') };
};

/**
 * A call in four languages. All take GRANARY (the address), TOKEN and, where {@link placeIn} says so, an id from their
 * surroundings.
 */
export const codeSamples = (endpoint: Pick<AnyEndpoint<unknown>, 'method' | 'auth'>, example: Example): Sample[] => [
  { lang: 'Shell', label: 'curl', source: curl(endpoint, example) },
  { lang: 'JavaScript', label: 'JavaScript', source: javascript(endpoint, example) },
  { lang: 'Python', label: 'Python', source: python(endpoint, example) },
  { lang: 'R', label: 'R', source: r(endpoint, example) },
];

type Endpoint = Pick<AnyEndpoint<unknown>, 'method' | 'auth'>;

/** The path with its variable as a language writes it. */
const pathIn = (path: string, variable: (name: string) => string): string => {
  const place = placeIn(path);
  return place ? path.replace('{id}', variable(place.name)) : path;
};

const headersOf = ({ auth }: Endpoint, { headers = {}, body }: Example, token: string): [string, string][] => [
  ...(auth === 'cognito' ? [['Authorization', `Bearer ${token}`] as [string, string]] : []),
  ...(body ? [['Content-Type', 'application/json'] as [string, string]] : []),
  ...Object.entries(headers),
];

/**
 * Double quotes let the shell put its variables in; of the rest only `$`, `"`, a backtick and `\` mean something there.
 */
const shellText = (text: string): string => text.replace(/[\\"`]/g, '\\$&').replace(/\$(?![A-Z_]+)/g, '\\$');

const curl = (endpoint: Endpoint, example: Example): string => {
  const headers = headersOf(endpoint, example, '$TOKEN').map(([name, value]) => `-H "${name}: ${value}"`);
  const method = endpoint.method === 'GET' ? [] : [`-X ${endpoint.method}`];
  const body = example.body ? [`-d '${JSON.stringify(example.body)}'`] : [];
  // Without this, curl takes {} and [] for patterns.
  const url = `"$GRANARY${shellText(pathIn(example.path, (name) => `$${name}`))}"`;
  return ['curl -g --compressed', ...method, ...headers, ...body, url].join(' ');
};

const javascript = (endpoint: Endpoint, example: Example): string => {
  const headers = headersOf(endpoint, example, '${TOKEN}').map(
    ([name, value]) =>
      `${/^\w+$/.test(name) ? name : `'${name}'`}: ${value.includes('${') ? `\`${value}\`` : `'${value}'`}`,
  );
  const options = [
    ...(endpoint.method === 'GET' ? [] : [`method: '${endpoint.method}'`]),
    ...(headers.length > 0 ? [`headers: { ${headers.join(', ')} }`] : []),
    ...(example.body ? [`body: JSON.stringify(${JSON.stringify(example.body)})`] : []),
  ];
  const url = `\`\${GRANARY}${pathIn(example.path, (name) => `\${${name}}`)}\``;
  return `const answer = await fetch(${[url, ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])].join(', ')});`;
};

/** Python's own words for what JSON writes otherwise; texts are written alike. */
const pythonValue = (value: unknown): string => {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${pythonValue(member)}`);
  return `{${members.join(', ')}}`;
};

/** An f-string; `\0NAME\0` becomes a variable, other braces stay what they are. */
const pythonText = (text: string): string =>
  `f${JSON.stringify(text.replace(/[{}]/g, '$&$&')).replace(/\\u0000(\w+)\\u0000/g, '{$1}')}`;

const python = (endpoint: Endpoint, example: Example): string => {
  const variable = (name: string) => `\0${name}\0`;
  const headers = headersOf(endpoint, example, variable('TOKEN')).map(
    ([name, value]) => `"${name}": ${value.includes('\0') ? pythonText(value) : JSON.stringify(value)}`,
  );
  const text = [
    pythonText(variable('GRANARY') + pathIn(example.path, variable)),
    ...(headers.length > 0 ? [`headers={${headers.join(', ')}}`] : []),
    ...(example.body ? [`json=${pythonValue(example.body)}`] : []),
  ].join(', ');
  return `answer = requests.${endpoint.method.toLowerCase()}(${text})`;
};

const r = (endpoint: Endpoint, example: Example): string => {
  const place = placeIn(example.path);
  const parts = place ? example.path.split('{id}') : [example.path];
  const url = [
    'GRANARY',
    ...parts.flatMap((part, i) => [...(i > 0 ? [place!.name] : []), ...(part ? [`"${part}"`] : [])]),
  ];
  const headers = headersOf(endpoint, { ...example, body: undefined }, '').filter(([name]) => name !== 'Authorization');
  return [
    `answer <- request(paste0(${url.join(', ')}))`,
    ...(endpoint.auth === 'cognito' ? ['req_auth_bearer_token(TOKEN)'] : []),
    ...headers.map(([name, value]) => `req_headers(\`${name}\` = "${value}")`),
    ...(endpoint.method === 'GET' ? [] : [`req_method("${endpoint.method}")`]),
    ...(example.body ? [`req_body_raw('${JSON.stringify(example.body)}', "application/json")`] : []),
    'req_perform()',
  ].join(' |> ');
};
