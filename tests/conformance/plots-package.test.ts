import { describe, expect, it } from '@jest/globals';
import { artifacts } from './artifacts.ts';
import { packageService } from './packaged.ts';

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
  }, 540_000);

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
  }, 540_000);

  it('may read the catalog and the versions, and nothing else', async () => {
    const { template } = await packageService('api', 'dev');
    const { Properties } = template.Resources.PlotsIamRoleLambdaExecution!;
    const policies = (Properties as { Policies: { PolicyDocument: { Statement: { Action: string[] }[] } }[] }).Policies;
    const all = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    // A statement for each kind of item or key: which, says templates.test.ts.
    const actions = [...new Set(all)];
    expect(actions.filter((action) => !/^(logs|xray):/.test(action)).sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:Query',
      's3:GetObject',
      's3:ListBucket',
    ]);
  }, 540_000);
});
