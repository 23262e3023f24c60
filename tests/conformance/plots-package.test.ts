import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { packageService, SERVICES } from './packaged.ts';

type Entry = { name: string; bytes: number; content(): Buffer };

/** The entries of a zip by its central directory (APPNOTE 4.3.12). */
const entriesOf = (zip: Buffer): Entry[] => {
  const end = zip.lastIndexOf('PK\x05\x06');
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const [method, packed, bytes] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const content = () => {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const body = zip.subarray(start, start + packed);
      return method === 0 ? body : inflateRawSync(body);
    };
    entries.push({ name: zip.toString('utf8', at + 46, at + 46 + name), bytes, content });
    at += 46 + name + extra + comment;
  }
  return entries;
};

const artifacts = async (): Promise<Map<string, Entry[]>> => {
  const found = new Map<string, Entry[]>();
  for (const service of SERVICES) {
    const { folder } = await packageService(service, 'dev');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.zip')))
      found.set(`${service}/${file.replace('.zip', '')}`, entriesOf(readFileSync(join(folder, file))));
  }
  return found;
};

const FONT = 'src/areas/plots.DejaVuSans.ttf';
const RENDERER = 'src/areas/plots.resvgjs.linux-arm64-gnu.node';
const EM_AARCH64 = 183;
const LIMIT = 250 * 2 ** 20;

describe('the packaged plots function', () => {
  it('holds the renderer for Lambda, an ELF of arm64 whatever machine packaged it, and the font', async () => {
    const plots = (await artifacts()).get('api/plots') ?? [];
    const renderer = plots.find(({ name }) => name === RENDERER)?.content();
    expect(renderer?.toString('latin1', 0, 4)).toBe('\x7fELF');
    expect(renderer?.readUInt16LE(18)).toBe(EM_AARCH64);
    const font = plots.find(({ name }) => name === FONT)?.content();
    expect(font?.readUInt32BE(0)).toBe(0x00010000);
    expect(plots.filter(({ name }) => name.endsWith('.node'))).toHaveLength(1);
    expect(plots.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(LIMIT);
  }, 180_000);

  it('is the only one that does', async () => {
    const all = await artifacts();
    expect(all.size).toBeGreaterThan(5);
    const holders = [...all]
      .filter(([, entries]) => entries.some(({ name }) => /\.(node|ttf|otf|woff2?)$/.test(name)))
      .map(([name]) => name);
    expect(holders).toEqual(['api/plots']);
    for (const [name, entries] of all) {
      const vega = entries.some(({ name: file, content }) => /\.c?js$/.test(file) && content().includes('vega-lite'));
      expect({ name, vega }).toEqual({ name, vega: name === 'api/plots' });
    }
  }, 180_000);

  it('may read the catalog and the versions, and nothing else', async () => {
    const { template } = await packageService('api', 'dev');
    const { Properties } = template.Resources.PlotsIamRoleLambdaExecution!;
    const policies = (Properties as { Policies: { PolicyDocument: { Statement: { Action: string[] }[] } }[] }).Policies;
    const actions = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    expect(actions.filter((action) => !/^(logs|xray):/.test(action)).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
    ]);
  }, 180_000);
});
