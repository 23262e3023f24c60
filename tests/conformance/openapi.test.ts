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

/** What Redocly's recommended rules find. A download answers 303 and nothing else, which one of them does not know. */
const findIn = async (ref: string): Promise<string[]> => {
  const config = await createConfig({ extends: ['recommended'], rules: { 'operation-2xx-response': 'off' } });
  const problems = await lint({ ref, config });
  return problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
};

describe('the OpenAPI document', () => {
  it('passes the recommended rules of Redocly', async () => {
    expect(await findIn(join(import.meta.dirname, '../../services/api/openapi.json'))).toEqual([]);
  }, 60_000);

  it('says of every route what it answers, gives an example, and describes every parameter', () => {
    expect(operations.length).toBeGreaterThan(30);
    const lacking = operations.flatMap(({ method, path, operation }) => {
      const name = `${method} ${path}`;
      const good = Object.entries(operation.responses).filter(([status]) => /^(2..|303)$/.test(status));
      const isSaid = good.some(([status, { content }]) => status === '303' || Object.keys(content ?? {}).length > 0);
      return [
        ...(isSaid ? [] : [`${name}: what it answers (services/api/src/answers)`]),
        ...((operation['x-examples'] ?? []).length > 0 ? [] : [`${name}: an example`]),
        ...operation.parameters
          .filter(({ description }) => !description)
          .map((parameter) => `${name}: ${parameter.name} (services/api/src/answers/parameters.ts)`),
      ];
    });
    expect(lacking).toEqual([]);
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
  }, 60_000);
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
