import { InvalidRequest } from '@granary/domain/errors';
import { expect, it } from '@jest/globals';
import { checkSource } from './check-source.ts';
import { TABLE_KINDS, USERS_KINDS } from './kinds.gen.ts';
import { TABLE_SOURCES } from './sources.gen.ts';

const KINDS = [...TABLE_KINDS, ...USERS_KINDS];
const own = (): Record<string, unknown> & { datasets: Record<string, unknown>[] } =>
  structuredClone(TABLE_SOURCES.find(({ id }) => id === 'embrapa'))! as never;
const file = { name: 'Other', kind: 'trade', dataset: 'embrapa_other' };

it.each([
  ['kind', { kind: 'ftp' }, "There is no kind 'ftp'. The kinds are: ckan, embrapa,"],
  ['schedule', { schedule: 'daily' }, 'Invalid string'],
  ['schedule', { schedule: 'rate(1 days)' }, 'Invalid string'],
  ['base_url', { base_url: 'ftp://files.test/' }, 'Invalid URL'],
  ['licence.title', { licence: { name: 'CC0-1.0' } }, 'expected string'],
  ['colour', { colour: 'red' }, 'It is not known here.'],
  ['licence.colour', { licence: { ...(own().licence as object), colour: 'red' } }, 'It is not known here.'],
  ['config.files.0.kind', { config: { files: [{ ...file, kind: 'other' }] } }, 'Invalid option'],
  ['config', { config: { files: [file] } }, "No dataset 'embrapa_other' is declared."],
  ['datasets', { config: { files: [] } }, "No resource becomes 'embrapa_producao'."],
])('a source is refused with the path of what is wrong: %s', (path, change, message) => {
  const check = () => checkSource({ ...own(), ...change }, KINDS);
  expect(check).toThrow(InvalidRequest);
  expect(check).toThrow(`${path}: `);
  expect(check).toThrow(message);
});

it.each([
  ['datasets.0.id', { id: 'other_producao' }, "It must begin with 'embrapa_'."],
  ['datasets.0.id', { id: 'embrapa_producao_versions' }, "It must not end in '_versions'"],
  ['datasets.0.key', { key: ['colour'] }, "There is no field 'colour'."],
  ['datasets.0.fields', { fields: [] }, "'line' is missing."],
  ['datasets.0.fields.0.type', { fields: [{ name: 'year', type: 'text', nullable: true }] }, 'Invalid option'],
  ['datasets.0.plausible', { plausible: { keys: ['colour'] } }, 'there is no column colour'],
])('a dataset is refused with the path of what is wrong: %s', (path, change, message) => {
  const source = own();
  Object.assign(source.datasets[0]!, change);
  const check = () => checkSource(source, KINDS);
  expect(check).toThrow(`${path}: `);
  expect(check).toThrow(message);
});
