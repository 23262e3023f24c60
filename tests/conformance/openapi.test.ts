import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@granary/domain/dataset';
import { describe, expect, it } from '@jest/globals';
import { createConfig, lint } from '@redocly/openapi-core';
import { datasetOpenapi, type OpenapiDocument } from '../../services/api/src/docs/dataset-openapi.ts';
import { operationsOf, readDocument } from './answers.ts';

const document = readDocument();
const operations = operationsOf(document);

/** What is said of a member of a version's dialect. */
const dialectOf = (name: string): unknown => {
  const { properties } = document.components.schemas.Version as Record<string, Record<string, Record<string, object>>>;
  return (properties.dialect.properties as Record<string, unknown>)[name];
};

/** What Redocly's recommended rules find. */
const findIn = async (ref: string): Promise<string[]> => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lint({ ref, config });
  return problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
};

/** Examples are called on a stack that has collected Embrapa, which lists no resources to call these with. */
const OF_PORTALS = /^\/v1\/admin\/resources\//;

describe('the OpenAPI document', () => {
  it('passes the recommended rules of Redocly', async () => {
    expect(await findIn(join(import.meta.dirname, '../../services/api/openapi.json'))).toEqual([]);
  }, 180_000);

  it('says of every route what it answers, gives an example, and describes every parameter', () => {
    expect(operations.length).toBeGreaterThan(30);
    const lacking = operations.flatMap(({ method, path, operation }) => {
      const name = `${method} ${path}`;
      const good = Object.entries(operation.responses).filter(([status]) => /^(2..|303)$/.test(status));
      const isSaid = good.some(([status, { content }]) => status === '303' || Object.keys(content ?? {}).length > 0);
      return [
        ...(isSaid ? [] : [`${name}: what it answers (services/api/src/answers)`]),
        ...((operation['x-examples'] ?? []).length > 0 || OF_PORTALS.test(path) ? [] : [`${name}: an example`]),
        ...operation.parameters
          .filter(({ description }) => !description)
          .map((parameter) => `${name}: ${parameter.name} (services/api/src/answers/parameters.ts)`),
      ];
    });
    expect(lacking).toEqual([]);
  });

  it('R15: says nothing that generators of clients make broken code of: control characters, choices without a name', () => {
    const texts: string[] = [];
    const choices: unknown[] = [];
    const look = (part: unknown): void => {
      if (typeof part === 'string') texts.push(part);
      if (typeof part !== 'object' || part === null) return;
      if ('enum' in part) choices.push(...[part.enum].flat());
      if ('const' in part) choices.push(part.const);
      for (const [name, value] of Object.entries(part)) {
        texts.push(name);
        look(value);
      }
    };
    look(document);
    expect(texts.filter((text) => /[^\P{Cc}\n]/u.test(text))).toEqual([]);
    expect(choices.length).toBeGreaterThan(50);
    expect(choices.filter((choice) => !/^[\w.,;|+-]+$/.test(String(choice)))).toEqual([]);
    expect(dialectOf('newline')).toEqual({ type: 'string', description: 'One of `"\\n"`, `"\\r\\n"`, `"\\r"`.' });
  });

  it("R15: names no member of an answer as a method of pydantic's models, which generated clients in Python are", () => {
    const methods =
      'construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json validate'.split(' ');
    const found: { path: string; member: string }[] = [];
    const look = (part: unknown, path: string): void => {
      if (typeof part !== 'object' || part === null) return;
      for (const [name, value] of Object.entries(part)) {
        if (name === 'properties') found.push(...Object.keys(value).map((member) => ({ path, member })));
        look(value, `${path}/${name}`);
      }
    };
    look(document.components.schemas, '');
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ member }) => methods.includes(member))).toEqual([]);
  });

  it('R15: has lists of schemas that every reader of OpenAPI knows, and unions of named objects only', () => {
    const found: string[] = [];
    const look = (part: unknown, place: string): void => {
      if (typeof part !== 'object' || part === null) return;
      const { prefixItems, items, type, anyOf, oneOf } = part as Record<string, unknown>;
      if (prefixItems !== undefined || typeof items === 'boolean') found.push(`${place}: a tuple`);
      if (Array.isArray(type) && type.filter((one) => one !== 'null').length > 1) found.push(`${place}: ${type}`);
      for (const one of [anyOf, oneOf].flat() as Record<string, unknown>[]) {
        if (one && one.$ref === undefined && one.type !== 'null' && one.enum === undefined && one.type !== 'object')
          found.push(`${place}: a union with ${JSON.stringify(one).slice(0, 80)}`);
      }
      for (const [name, value] of Object.entries(part)) look(value, `${place}/${name}`);
    };
    look(document, '');
    expect(found).toEqual([]);
  });

  it('R15: describes the tables of the wide routes by what each of them answers, not by a union', () => {
    const shapeOf = (path: string) => {
      const { content = {} } = document.paths[path].get.responses['200'];
      const { $ref } = content['application/json'].schema as { $ref: string };
      return document.components.schemas[$ref.split('/').pop() as string];
    };
    const records = { type: 'array', items: { type: 'object', additionalProperties: expect.any(Object) } };
    for (const path of ['/producaoCSV', '/comercializacaoCSV'])
      expect(shapeOf(path)).toMatchObject({ type: 'object', additionalProperties: records });
    for (const path of ['/importacaoCSV/tipo/{tipo}', '/exportacaoCSV/tipo/{tipo}'])
      expect(shapeOf(path)).toMatchObject(records);
    // With sections or without, by the file: whatever comes.
    expect(Object.keys(shapeOf('/processamentoCSV/tipo/{tipo}'))).toEqual(['description']);
  });

  it('asks for a token but where nobody needs one', () => {
    const open = operations.filter(({ operation }) => operation.security?.length === 0).map(({ path }) => path);
    expect(open).toEqual([
      '/.well-known/api-catalog',
      '/catalog.jsonld',
      '/docs',
      '/docs/{file}',
      '/health',
      '/openapi.json',
      '/postman.json',
      '/sitemap.xml',
    ]);
  });

  it('says 404 wherever a version may be asked for that there is not', () => {
    const versioned = operations.filter(({ operation }) => operation.parameters.some(({ name }) => name === 'version'));
    expect(versioned.map(({ path }) => path)).toContain('/producaoCSV');
    expect(versioned.filter(({ operation }) => !('404' in operation.responses)).map(({ path }) => path)).toEqual([]);
  });

  it('of one dataset passes the same rules, whatever its columns are called', async () => {
    const names = ['year', 'select', 'order', 'or', 'x', 'format', 'line', 'filters', 'id', 'Range'];
    const dataset: Dataset = {
      id: 'odd_names',
      title: 'Odd names',
      description: 'Columns called like parameters.',
      publisher: 'Nobody',
      theme: 'none',
      tags: [],
      licence: { name: 'CC0-1.0', title: 'CC0' },
      source: 'none',
      source_url: 'https://example.org/odd.csv',
      fields: names.map((name, index) => ({ name, type: index === 0 ? 'int32' : 'string', nullable: true })),
      key: [],
      latest: 1,
      rows: 1,
      rows_quarantined: 0,
      bytes: 1,
      updated_at: '2026-11-20T00:00:00.000Z',
      checked_at: '2026-11-20T00:00:00.000Z',
      gone_at: null,
      refused: null,
    };
    const own = datasetOpenapi(document as unknown as OpenapiDocument, dataset);
    const folder = mkdtempSync(join(tmpdir(), 'granary-openapi-'));
    try {
      const path = join(folder, 'openapi.json');
      writeFileSync(path, JSON.stringify(own));
      expect(await findIn(path)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(Object.keys(own.paths)).toContain('/v1/records/odd_names');
    expect(JSON.stringify(own.paths)).not.toContain('{id}');
  }, 180_000);
});

describe('the Postman collection', () => {
  type Item = { name: string; request: { method: string; url: { raw: string } } };
  const collection: { info: { schema: string }; item: { name: string; item: Item[] }[] } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../services/api/postman.json'), 'utf8'),
  );

  it('has every example, in folders by area', () => {
    expect(collection.info.schema).toBe('https://schema.getpostman.com/json/collection/v2.1.0/collection.json');
    const calls = collection.item
      .flatMap(({ item }) => item)
      .map(({ request }) => `${request.method} ${request.url.raw}`);
    const examples = operations.flatMap(({ method, operation }) =>
      (operation['x-examples'] ?? []).map(({ path }) => `${method} {{baseUrl}}${path.replaceAll('{id}', '{{id}}')}`),
    );
    expect(calls.sort()).toEqual(examples.sort());
  });
});
