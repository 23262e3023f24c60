import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHROMIUM, CURL, describeWith, itWith, PYTHON } from '@granary/local/testing/wanted';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { makeAnswerCheck, operationsOf, readDocument } from '../conformance/answers.ts';
import { executable, PAGES, ROOT } from '../docs-commands.ts';
import { endedRun, listRuns, planNow, setReplica } from './collecting.ts';
import { everyGroup } from './every-group.ts';
import { ARM64, itOn, needsLocal } from './needs-local.ts';
import { dropState, newState, type Stack, startStack } from './stack.ts';

const root = join(import.meta.dirname, '../..');
const document = readDocument();
const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
/** The calls of docs/api.md in one language, without the lines before them that set the variables. */
const callsIn = (language: string): string[] =>
  [
    ...page.slice(page.indexOf('\n## ')).matchAll(new RegExp(`\`\`\`${language}\n([^\`]*(?:\`[^\`]+)*?)\n\`\`\``, 'g')),
  ].map(([, source]) => source);

const state = newState();
let stack: Stack;
const ids: Record<string, string> = {};

beforeAll(async () => {
  stack = await startStack({ state, collected: true });
  await everyGroup(stack, 'operator');
  await endedRun(stack);
  // A year later: only what was published twice can be compared.
  const [before] = await listRuns(stack);
  await setReplica(stack, { vintage: 2024 });
  await planNow(stack);
  const second = await endedRun(stack, before);
  // Then other files in the places of some: their third versions are held, and an operator decides about them.
  const others = { ExpUva: 'ExpEspumantes', ExpSuco: 'ExpEspumantes', Producao: 'Comercio', Comercio: 'Producao' };
  const swapped = ([name, other]: string[]) => ({ path: `/download/${name}.csv`, kind: 'other-file', other });
  await setReplica(stack, { faults: Object.entries(others).map(swapped) });
  await planNow(stack);
  await endedRun(stack, second);
  for (const list of ['/v1/runs', '/v1/users']) {
    const { items } = await stack.json(`${list}?limit=1`);
    ids[list] = String(items[0].id);
  }
  const query = await fetch(`${address()}/v1/query`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await stack.token('operator')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql: 'SELECT product, year FROM embrapa_producao' }),
  });
  ids['/v1/query'] = ((await query.json()) as { id: string }).id;
}, 540_000);
afterAll(async () => {
  await stack?.stop();
  dropState(state);
}, 90_000);

const address = () => stack.address;
const isPng = (text: string) => /format=png/.test(text);
/** A PNG is drawn where the renderer runs. */
const isDrawn = (text: string) => ARM64.path !== undefined || !isPng(text);
const known = (path: string) =>
  path.replace(/^(\/v1\/(?:runs|users|query))\/\{id\}/, (_, list) => `${list}/${ids[list]}`);
const variables = async () => ({
  GRANARY: address(),
  TOKEN: await stack.token('operator'),
  RUN_ID: ids['/v1/runs'],
  USER_ID: ids['/v1/users'],
  QUERY_ID: ids['/v1/query'],
});

describe('every example', () => {
  const check = makeAnswerCheck(document);
  const examples = operationsOf(document).flatMap(({ method, path, operation }) =>
    (operation['x-examples'] ?? []).map((example) => ({
      name: `${method} ${example.path}`,
      method,
      path,
      operation,
      example,
    })),
  );

  const isAnswered =
    ({ method, operation, example }: (typeof examples)[number]) =>
    async () => {
      const isOpen = operation.security?.length === 0;
      const answer = await fetch(address() + known(example.path), {
        method,
        redirect: 'manual',
        headers: {
          ...(!isOpen && { authorization: `Bearer ${await stack.token('operator')}` }),
          ...(example.body && { 'content-type': 'application/json' }),
          ...example.headers,
        },
        body: example.body && JSON.stringify(example.body),
      });
      expect([200, 201, 202, 206, 303]).toContain(answer.status);
      const body = await answer.text();
      expect(check(operation, { status: answer.status, type: answer.headers.get('content-type'), body })).toEqual([]);
    };
  for (const example of examples) {
    const name = `of the document is answered as the document says: ${example.name}`;
    if (isPng(example.name)) itOn(ARM64, name, isAnswered(example));
    else it(name, isAnswered(example));
  }

  it('is told what the document says when it is refused', async () => {
    for (const { method, operation, example } of examples.filter(({ operation: { security } }) => !security)) {
      const answer = await fetch(address() + known(example.path), { method });
      const type = answer.headers.get('content-type');
      expect({ path: example.path, status: answer.status }).toEqual({ path: example.path, status: 401 });
      expect(check(operation, { status: 401, type, body: await answer.text() })).toEqual([]);
    }
  }, 180_000);

  itWith(
    CURL,
    'of docs/api.md in curl answers',
    async () => {
      const calls = callsIn('sh');
      expect(calls.length).toBe(examples.length);
      const script = `curl() { command curl -s -o /dev/null -w '%{http_code}\\n' "$@"; }\n${calls.join('\n')}\n`;
      const { stdout } = await promisify(execFile)('bash', ['-c', script], {
        env: { ...process.env, ...(await variables()) },
        maxBuffer: 2 ** 24,
      });
      const statuses = stdout.trim().split('\n');
      expect(
        calls
          .map((call, index) => `${statuses[index]} ${call}`)
          .filter((line) => !/^(20[0-9]|303) /.test(line) && isDrawn(line)),
      ).toEqual([]);
      expect(statuses.length).toBe(calls.length);
    },
    360_000,
  );

  it('of docs/api.md in JavaScript answers', async () => {
    const calls = callsIn('js');
    expect(calls.length).toBeGreaterThan(30);
    const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
    const given = { fetch, ...(await variables()) };
    const failed: string[] = [];
    for (const call of calls) {
      const run = new AsyncFunction(...Object.keys(given), `${call}\nreturn answer;`);
      const answer: Response = await run(...Object.values(given));
      if (!answer.ok && isDrawn(call)) failed.push(`${answer.status} ${call}`);
      await answer.arrayBuffer();
    }
    expect(failed).toEqual([]);
  }, 360_000);

  it('of docs/api.md in Python stands beside one in R', () => {
    expect(callsIn('r').length).toBe(callsIn('python').length);
  });

  itWith(PYTHON, 'of docs/api.md in Python can be read by Python', (python) => {
    const calls = callsIn('python');
    expect(calls.length).toBeGreaterThan(30);
    execFileSync(python, ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: calls.join('\n') });
  });
});

/** On this machine addresses are of its ports; pages name those of a stack that has 4000. */
const onPortsOf = (commands: string, port: number): string =>
  commands.replaceAll(
    /\b(localhost|127\.0\.0\.1):4(\d{3})\b/g,
    (_, host, offset) => `${host}:${port + Number(offset)}`,
  );

needsLocal('they name ports of this machine').describeWith(CURL, 'the commands', () => {
  it.each(PAGES.filter((page) => page !== 'docs/api.md').filter((page) => executable(page).length > 0))(
    'of %s are executed as they stand there',
    async (page) => {
      const { clientId, users } = stack.local;
      // Pages speak of the state of the clone; a version is released or rejected, and not both.
      const folder = join(state, 'as-in-the-clone');
      mkdirSync(folder, { recursive: true });
      rmSync(join(folder, '.granary'), { force: true });
      symlinkSync(state, join(folder, '.granary'));
      const commands = onPortsOf(executable(page).join('\n'), stack.port)
        .replace('embrapa_producao/versions/3/reject', 'embrapa_comercio/versions/3/reject')
        .replace('<clientId>', clientId)
        .replace('<password>', users.reader.password);
      const script = [
        'curl() { command curl -sS --fail-with-body "$@"; echo; }',
        `npm() { command npm --prefix '${ROOT}' "$@"; }`,
        commands,
      ].join('\n');
      const env = { ...process.env, GRANARY_STATE: state, TOKEN: await stack.token('operator') };
      await promisify(execFile)('bash', ['-eu', '-o', 'pipefail', '-c', script], {
        cwd: folder,
        env,
        maxBuffer: 2 ** 26,
      });
    },
    120_000,
  );
});

describe('the document of one dataset', () => {
  it('has its columns as filters, as choices of a plot and as members of a row, and its rows fit', async () => {
    const own = await stack.json('/v1/datasets/embrapa_producao/openapi.json');
    const { fields } = await stack.json('/v1/datasets/embrapa_producao');
    const names: string[] = fields.map(({ name }: { name: string }) => name);
    const records = own.paths['/v1/records/embrapa_producao'].get;
    const parameters = new Set(records.parameters.map(({ name }: { name: string }) => name));
    expect(names.filter((name) => !parameters.has(name))).toEqual([]);
    const x = own.paths['/v1/plots/embrapa_producao'].get.parameters.find(({ name }: { name: string }) => name === 'x');
    expect(x.schema.enum).toEqual(names);
    expect(Object.keys(own.components.schemas.Row.properties)).toEqual(names);
    const answer = await stack.get('/v1/records/embrapa_producao?limit=200');
    const body = await answer.text();
    const strict = { ...own, components: { ...own.components, schemas: { ...own.components.schemas } } };
    strict.components.schemas.Row = { ...own.components.schemas.Row, additionalProperties: false, required: names };
    expect(
      makeAnswerCheck(strict)(records, { status: answer.status, type: answer.headers.get('content-type'), body }),
    ).toEqual([]);
    expect((await stack.get('/v1/datasets/nothing/openapi.json')).status).toBe(404);
  });
});

describe('the documents that are open to all', () => {
  it('are compressed, answer 304 to their ETag, and need no token', async () => {
    for (const path of ['/openapi.json', '/postman.json', '/docs', '/docs/swagger-ui-bundle.js', '/catalog.jsonld']) {
      const first = await fetch(address() + path, { headers: { 'accept-encoding': 'br' } });
      expect({ path, status: first.status, cache: first.headers.get('cache-control') }).toEqual({
        path,
        status: 200,
        cache: 'public, max-age=300',
      });
      const again = await fetch(address() + path, {
        headers: { 'accept-encoding': 'br', 'if-none-match': first.headers.get('etag') as string },
      });
      expect({ path, status: again.status }).toEqual({ path, status: 304 });
      if (path !== '/docs') expect(first.headers.get('content-encoding')).toBe('br');
    }
    // Emulators of API Gateway decode it before they look for the route.
    expect(stack.deployed ? [400, 403, 404] : [400]).toContain((await fetch(`${address()}/docs/..%2fdocs.js`)).status);
    expect((await fetch(`${address()}/docs/other.js`)).status).toBe(400);
  });

  it('list the published datasets as DCAT, and lead from the well-known address to all of it', async () => {
    const catalog = (await (await fetch(`${address()}/catalog.jsonld`)).json()) as Record<string, { '@id': string }[]>;
    const { items } = await stack.json('/v1/datasets');
    expect(catalog['dcat:dataset'].map((dataset) => dataset['@id'])).toEqual(
      items.map(({ id }: { id: string }) => `v1/datasets/${id}`),
    );
    const sitemap = await (await fetch(`${address()}/sitemap.xml`)).text();
    expect([...sitemap.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, page]) => page)).toEqual(
      items.map(({ id }: { id: string }) => `${address()}/v1/datasets/${id}`),
    );
    const start = `${address()}/.well-known/api-catalog`;
    const { linkset } = (await (await fetch(start)).json()) as { linkset: Record<string, { href: string }[]>[] };
    const targets = Object.values(linkset[0]).flatMap((links) => (Array.isArray(links) ? links : []));
    expect(targets.length).toBe(4);
    for (const { href } of targets) expect((await fetch(new URL(href, start))).status).toBe(200);
  });
});

/** Where there is no browser, what the page is made of is checked all the same. */
describeWith(CHROMIUM, 'the page at /docs, in a browser', (executablePath) => {
  let browser: Browser;
  let tab: Page;
  const trouble: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    tab = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    tab.setDefaultTimeout(15_000);
    tab.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
    tab.on('pageerror', (error) => trouble.push(error.message));
    tab.on('request', (request) => {
      // Files lie at another address than the API: on one machine at another port, deployed in the bucket.
      const own = [stack.address, `https://${stack.bucket}.s3.`, 'http://127.0.0.1:', 'data:'];
      if (!own.some((place) => request.url().startsWith(place))) trouble.push(request.url());
    });
  }, 180_000);
  afterAll(() => browser?.close());

  const tryOut = async (id: string) => {
    const block = tab.locator(`#operations-${id}`);
    if (!(await block.locator('.execute').isVisible())) await block.locator('.opblock-summary-control').click();
    await block.locator('.execute').click();
    const status = block.locator('.live-responses-table tbody .response-col_status').first();
    await status.waitFor();
    return { block, status: (await status.textContent())?.trim().slice(0, 3) };
  };

  it('shows the routes, takes a token, and tries a call on this very stack', async () => {
    await tab.goto(`${stack.address}/docs`);
    await tab.locator('#operations-catalog-listDatasets').waitFor();
    expect(await tab.locator('.opblock').count()).toBe(operationsOf(document).length);
    await tab.locator('.auth-wrapper .authorize').first().click();
    await tab.locator('.auth-container input').fill(await stack.token());
    await tab.locator('.auth-btn-wrapper .authorize').click();
    await tab.locator('.auth-btn-wrapper .btn-done').click();
    const { block, status } = await tryOut('catalog-listDatasets');
    expect(status).toBe('200');
    expect(await block.locator('.live-responses-table').textContent()).toContain('embrapa_comercio');
    expect(await block.locator('.request-url').first().textContent()).toContain(
      `${stack.address}/v1/datasets?limit=100`,
    );
    await block.scrollIntoViewIfNeeded();
    const screenshot = await tab.screenshot({ path: process.env.DOCS_SCREENSHOT });
    expect(screenshot.length).toBeGreaterThan(20_000);
  }, 180_000);

  it.each(['records-getRecords', 'plots-getPlot', 'data-downloadDataset', 'history-getDiff'])(
    'tries %s as it stands there',
    async (id) => {
      const { status } = await tryOut(id);
      expect({ id, status }).toEqual({ id, status: '200' });
    },
    180_000,
  );

  it('asked nobody else, and broke none of its own rules', () => {
    expect(trouble).toEqual([]);
  });
});
