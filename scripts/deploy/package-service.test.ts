import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { withPackages } from './package-service.ts';
import { readServices } from './services.ts';

const target = { stage: 'dev', region: 'sa-east-1' };
const storage = readServices().find(({ name }) => name === 'storage')!;
const folder = mkdtempSync(join(tmpdir(), 'granary-no-service-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('services are packaged into a folder that can be deployed from, which is gone afterwards', async () => {
  const kept = await withPackages([storage], target, async (packages) => {
    const { folder: made, core, template } = packages.get('storage')!;
    expect(Object.keys(core.Resources)).toEqual(['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy']);
    expect(Object.keys(template.Resources)).toContain('UserPool');
    expect(existsSync(join(made, 'serverless-state.json'))).toBe(true);
    return made;
  });
  expect(existsSync(kept)).toBe(false);
}, 120_000);

it('none is used when one cannot be packaged, which is named with what osls says of it', async () => {
  writeFileSync(
    join(folder, 'serverless.yml'),
    'service: none\nprovider: { name: aws, runtime: nodejs24.x }\nparams: 7\n',
  );
  const broken = { name: 'broken', folder, stack: 'granary-broken' };
  const used: string[] = [];
  const packaging = withPackages([storage, broken], target, async (packages) => void used.push(...packages.keys()));
  await expect(packaging).rejects.toThrow(/^The service broken cannot be packaged:\n(?:.*\n)*?.*params/);
  expect(used).toEqual([]);
}, 120_000);
