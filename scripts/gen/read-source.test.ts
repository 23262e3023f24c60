import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TABLE_KINDS, USERS_KINDS } from '@granary/sources/kinds.gen';
import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { readSource } from './read-source.ts';

const folder = join(import.meta.dirname, '../../packages/sources/src');
const KINDS = [...TABLE_KINDS, ...USERS_KINDS];
const PORT = `# yaml-language-server: $schema=../source.schema.gen.json
x-fields: &fields
  - { name: ship, type: text, nullable: false }
id: port
kind: files
title: Port
publisher: The port
theme: environment
tags: [port]
licence: { name: CC0-1.0, title: Public domain }
schedule: daily
base_url: https://port.example/
requests_per_minute: 60
max_bytes: 1000
colour: red
config:
  files:
    - dataset: port_ships
      url: ships.csv
      dialect: { delimiter: x }
datasets:
  - id: port_ships
    description: Ships
    fields: *fields
`;
const linesOf = (text: string): string[] => {
  try {
    readSource('sources/port.yml', text, KINDS);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
};

describe('A file of a source', () => {
  it('is refused with line and column of each fault', () => {
    expect(linesOf(PORT)).toEqual([
      expect.stringMatching(/^sources\/port\.yml:11:11: schedule: Invalid string/),
      expect.stringMatching(/^sources\/port\.yml:22:5: datasets\.0\.title: .*expected string/),
      // Behind an alias: where its anchor is.
      expect.stringMatching(/^sources\/port\.yml:3:25: datasets\.0\.fields\.0\.type: Invalid option/),
      'sources/port.yml:15:9: colour: It is not known here.',
    ]);
    const rest = PORT.replace('daily', 'rate(1 day)')
      .replace('type: text', 'type: string')
      .replace('colour: red\n', '');
    const titled = rest.replace('    description: Ships', '    title: Ships\n    description: Ships');
    expect(linesOf(titled)).toEqual([
      expect.stringMatching(/^sources\/port\.yml:19:29: config\.files\.0\.dialect\.delimiter: Invalid option/),
    ]);
    expect(linesOf(titled.replace('      dialect: { delimiter: x }\n', ''))).toEqual([]);
  });

  it('that is no YAML is refused with line and column too', () => {
    expect(linesOf('id: port\ntitle: [a\nkind: files\n')[0]).toMatch(/^sources\/port\.yml:\d:\d+: /);
    expect(linesOf('id: port\nid: port\n')[0]).toMatch(/^sources\/port\.yml:2:1: Map keys must be unique/);
    expect(linesOf('')[0]).toMatch(/^The source|^sources\/port\.yml:1:1: /);
  });
});

describe('The JSON Schema of sources, for editors', () => {
  const schema = JSON.parse(readFileSync(join(folder, 'source.schema.gen.json'), 'utf8'));
  const ajv = new Ajv.default({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(schema);
  const faultsOf = (written: unknown): string[] => {
    validate(written);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  const files = readdirSync(join(folder, 'sources')).filter((name) => name.endsWith('.yml'));
  const port = parse(
    PORT.replace('daily', 'rate(1 day)').replace('colour: red\n', '').replace('type: text', 'type: string'),
  );

  it.each(files)('takes %s, which names it in its first line', (name) => {
    const text = readFileSync(join(folder, 'sources', name), 'utf8');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../source.schema.gen.json');
    expect(faultsOf(parse(text))).toEqual([]);
  });

  it('knows the configuration of each kind, which members there are, and which must be there', () => {
    expect(faultsOf(port).sort()).toEqual([
      ' must match "then" schema',
      '/config/files/0/dialect/delimiter must be equal to one of the allowed values',
      "/datasets/0 must have required property 'title'",
    ]);
    const pages = { ...port, kind: 'html-tables' };
    expect(faultsOf(pages)).toContain("/config must have required property 'pages'");
    expect(faultsOf({ ...port, kind: 'ftp' })).toContain('/kind must be equal to one of the allowed values');
    expect(faultsOf({ ...port, colour: 'red' })).toContain(' must NOT have additional properties');
  });
});
