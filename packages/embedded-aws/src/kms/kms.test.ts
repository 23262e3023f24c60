import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  paginateListKeys,
  RotateKeyOnDemandCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EmbeddedAws, startEmbeddedAws } from '../embedded-aws.ts';
import { keyOfBlob, open, seal } from './kms-ciphertext.ts';

const dir = mkdtempSync(join(tmpdir(), 'granary-kms-'));
const keyDir = join(dir, 'kms', 'keys');
let aws: EmbeddedAws;
let kms: KMSClient;
const start = async () => {
  aws = await startEmbeddedAws({ port: 0, dir });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  kms = new KMSClient({ endpoint: aws.url, region: 'us-east-1', credentials, maxAttempts: 1 });
};
const createKey = async (Description = 'a key') => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description }));
  return { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
};
const encrypt = async (KeyId: string, text: string, EncryptionContext?: Record<string, string>) => {
  const Plaintext = new TextEncoder().encode(text);
  return (await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))).CiphertextBlob!;
};
const decrypt = async (
  CiphertextBlob: Uint8Array,
  more: { KeyId?: string; EncryptionContext?: Record<string, string> },
) => new TextDecoder().decode((await kms.send(new DecryptCommand({ CiphertextBlob, ...more }))).Plaintext);
const refusal = async (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: Error) => error.name,
  );

beforeAll(start);
afterAll(async () => {
  await aws.close();
  rmSync(dir, { recursive: true });
});

describe('KMS', () => {
  it('finds a key by id, ARN, alias and the ARN of the alias', async () => {
    const { id, arn } = await createKey('found');
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/found', TargetKeyId: id }));
    for (const KeyId of [id, arn, 'alias/found', 'arn:aws:kms:us-east-1:000000000000:alias/found']) {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata).toMatchObject({ KeyId: id, Arn: arn, Description: 'found', KeyState: 'Enabled' });
      expect(Math.abs(KeyMetadata!.CreationDate!.getTime() - Date.now())).toBeLessThan(60_000);
    }
    const foreign = arn.replace('000000000000', '111111111111');
    for (const KeyId of ['alias/none', 'none', `${id}0`, foreign, `alias/${id}`]) {
      expect([KeyId, await refusal(kms.send(new DescribeKeyCommand({ KeyId })))]).toEqual([KeyId, 'NotFoundException']);
    }
  });

  it('gives data keys whose encrypted copy opens to the same bytes, and to no other context', async () => {
    const { id, arn } = await createKey();
    const EncryptionContext = { purpose: 'granary-users', stage: 'local' };
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', EncryptionContext }));
    expect(made).toMatchObject({ KeyId: arn });
    expect(made.Plaintext).toHaveLength(32);
    expect(Buffer.from(made.CiphertextBlob!).includes(Buffer.from(made.Plaintext!))).toBe(false);
    const opened = await kms.send(
      new DecryptCommand({
        CiphertextBlob: made.CiphertextBlob,
        EncryptionContext: { stage: 'local', purpose: 'granary-users' },
      }),
    );
    expect([opened.KeyId, Buffer.from(opened.Plaintext!)]).toEqual([arn, Buffer.from(made.Plaintext!)]);
    const others: (Record<string, string> | undefined)[] = [
      undefined,
      {},
      { purpose: 'granary-users' },
      { ...EncryptionContext, stage: 'prod' },
    ];
    for (const other of others) {
      const command = new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext: other });
      expect(await refusal(kms.send(command))).toBe('InvalidCiphertextException');
    }
    const bytes = await kms.send(new GenerateDataKeyCommand({ KeyId: id, NumberOfBytes: 17 }));
    expect(bytes.Plaintext).toHaveLength(17);
  });

  it('refuses a blob that is not its own, one that was changed, another key, and a key that is gone', async () => {
    const [one, two] = [await createKey('one'), await createKey('two')];
    const blob = await encrypt(one.id, 'secret');
    expect(await decrypt(blob, { KeyId: one.arn })).toBe('secret');
    expect(await refusal(decrypt(blob, { KeyId: two.id }))).toBe('IncorrectKeyException');
    expect(await refusal(decrypt(new Uint8Array(100), {}))).toBe('InvalidCiphertextException');
    expect(await refusal(decrypt(blob.subarray(0, 30), {}))).toBe('InvalidCiphertextException');
    const changed = Uint8Array.from(blob);
    changed[changed.length - 1]! ^= 1;
    expect(await refusal(decrypt(changed, {}))).toBe('InvalidCiphertextException');
    const gone = seal('00000000-0000-4000-8000-000000000000', Buffer.alloc(32), Buffer.from('x'), {});
    expect(await refusal(decrypt(gone, {}))).toBe('AccessDeniedException');
  });

  it('refuses sizes and names that KMS refuses', async () => {
    const { id: KeyId } = await createKey();
    const dataKey = (input: object) => refusal(kms.send(new GenerateDataKeyCommand({ KeyId, ...input })));
    expect(await dataKey({})).toBe('ValidationException');
    expect(await dataKey({ KeySpec: 'AES_256', NumberOfBytes: 32 })).toBe('ValidationException');
    expect(await dataKey({ KeySpec: 'AES_512' })).toBe('ValidationException');
    expect(await dataKey({ NumberOfBytes: 1025 })).toBe('ValidationException');
    expect(await dataKey({ NumberOfBytes: '32' })).toBe('SerializationException');
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(4097) })))).toBe(
      'ValidationException',
    );
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: undefined })))).toBe('ValidationException');
    const alias = (AliasName: string, TargetKeyId = KeyId) =>
      refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId })));
    expect(await alias('no-prefix')).toBe('ValidationException');
    expect(await alias('alias/aws/s3')).toBe('NotAuthorizedException');
    expect(await alias('alias/one')).toBe('none');
    expect(await alias('alias/one')).toBe('AlreadyExistsException');
    expect(await alias('alias/two', 'alias/one')).toBe('ValidationException');
    expect(await alias('alias/two', 'none')).toBe('NotFoundException');
    const update = new UpdateAliasCommand({ AliasName: 'alias/never-made', TargetKeyId: KeyId });
    expect(await refusal(kms.send(update))).toBe('NotFoundException');
  });

  it('lists keys in pages, and the aliases of one key', async () => {
    const made = [await createKey(), await createKey(), await createKey()];
    const listed: string[] = [];
    for await (const page of paginateListKeys({ client: kms, pageSize: 2 }, {})) {
      expect(page.Keys!.length).toBeLessThanOrEqual(2);
      listed.push(...page.Keys!.map(({ KeyId }) => KeyId!));
    }
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    expect(await refusal(kms.send(new ListKeysCommand({ Marker: 'none' })))).toBe('InvalidMarkerException');
    const AliasName = 'alias/moves';
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: made[0]!.id }));
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: made[1]!.arn }));
    const of = async (KeyId: string) => (await kms.send(new ListAliasesCommand({ KeyId }))).Aliases;
    expect(await of(made[0]!.id)).toEqual([]);
    expect(await of(made[1]!.id)).toMatchObject([{ AliasName, TargetKeyId: made[1]!.id }]);
  });

  it('answers 501 by name to what it does not do, an operation or a member of one', async () => {
    const { id: KeyId } = await createKey();
    const status = async (call: Promise<unknown>) =>
      call.then(
        () => 'done',
        (error) => `${error.$metadata.httpStatusCode} ${error.message}`,
      );
    const mac = new GenerateMacCommand({ KeyId, Message: new Uint8Array(1), MacAlgorithm: 'HMAC_SHA_256' });
    expect(await status(kms.send(mac))).toBe('501 The embedded AWS does not implement KMS GenerateMac.');
    const dry = new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', DryRun: true });
    expect(await status(kms.send(dry))).toBe(
      '501 The embedded AWS does not implement KMS GenerateDataKey with DryRun.',
    );
    expect(await status(kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048' })))).toMatch(/^501 .*KeySpec RSA_2048/);
    const url = `${aws.url}/?Action=ListKeys&X-Amz-Credential=local/20260101/us-east-1/kms/aws4_request`;
    expect((await fetch(url)).status).toBe(501);
    for (const operation of ['constructor', '__proto__']) {
      const headers = { 'x-amz-target': `TrentService.${operation}` };
      expect((await fetch(aws.url, { method: 'POST', headers, body: '{}' })).status).toBe(501);
    }
  });

  it('opens with a rotated key what it sealed before, and seals with new material', async () => {
    const { id, arn } = await createKey('rotated');
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/rotated', TargetKeyId: id }));
    const blobs = [await encrypt(id, 'first', { a: 'b' })];
    for (const KeyId of [id, arn]) {
      expect((await kms.send(new RotateKeyOnDemandCommand({ KeyId }))).KeyId).toBe(id);
      blobs.push(await encrypt('alias/rotated', 'later', { a: 'b' }));
    }
    await aws.close();
    await start();
    const open = (blob: Uint8Array, b = 'b') => decrypt(blob, { KeyId: id, EncryptionContext: { a: b } });
    expect(await Promise.all(blobs.map((blob) => open(blob)))).toEqual(['first', 'later', 'later']);
    expect(await refusal(open(blobs[0]!, 'c'))).toBe('InvalidCiphertextException');
    const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: id }));
    expect(Rotations).toMatchObject([
      { KeyId: id, RotationType: 'ON_DEMAND' },
      { KeyId: id, RotationType: 'ON_DEMAND' },
    ]);
    expect(Math.abs(Rotations![0]!.RotationDate!.getTime() - Date.now())).toBeLessThan(60_000);

    const alias = new RotateKeyOnDemandCommand({ KeyId: 'alias/rotated' });
    expect(await refusal(kms.send(alias))).toBe('ValidationException');
    for (let more = 0; more < 23; more += 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }));
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: id })))).toBe('LimitExceededException');

    // Each sealed with material of its own: without the older ones, what they sealed is lost.
    await aws.close();
    const path = join(keyDir, `${id}.json`);
    const key = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...key, material: key.older[2].material, older: [] }));
    await start();
    expect(await Promise.all(blobs.map((blob) => refusal(open(blob))))).toEqual([
      'InvalidCiphertextException',
      'InvalidCiphertextException',
      'none',
    ]);
  });

  it('is nothing for a page in a browser', async () => {
    const headers = { 'x-amz-target': 'TrentService.ListKeys', origin: 'http://localhost:4000' };
    expect((await fetch(aws.url, { method: 'POST', headers, body: '{}' })).status).toBe(403);
    const asked = { origin: 'http://localhost:4000', 'access-control-request-method': 'POST' };
    const path = `${aws.url}/?X-Amz-Credential=local/20260101/us-east-1/kms/aws4_request`;
    expect((await fetch(path, { method: 'OPTIONS', headers: asked })).status).toBe(403);
  });

  it('keeps its keys over a restart, for their owner alone, and starts without one that it cannot read in no case', async () => {
    const { id } = await createKey('kept');
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/kept', TargetKeyId: id }));
    const blob = await encrypt('alias/kept', 'from before', { a: 'b' });
    await aws.close();
    // What a process leaves that was killed before the rename.
    writeFileSync(join(keyDir, 'x.json.1.part'), '{"id":');
    await start();
    expect(existsSync(join(keyDir, 'x.json.1.part'))).toBe(false);
    expect(await decrypt(blob, { KeyId: 'alias/kept', EncryptionContext: { a: 'b' } })).toBe('from before');
    for (const name of readdirSync(keyDir)) expect(statSync(join(keyDir, name)).mode & 0o777).toBe(0o600);
    expect(statSync(keyDir).mode & 0o777).toBe(0o700);

    await aws.close();
    const path = join(keyDir, `${id}.json`);
    const text = readFileSync(path, 'utf8');
    chmodSync(path, 0o600);
    writeFileSync(path, text.slice(0, 20));
    await expect(startEmbeddedAws({ port: 0, dir })).rejects.toThrow(path);
    writeFileSync(path, text);
    await start();
    expect(await decrypt(blob, { EncryptionContext: { a: 'b' } })).toBe('from before');
  });
});

describe('a ciphertext', () => {
  const id = '1eee2173-13b7-4de9-86bc-1d01ccf5df46';
  const material = Buffer.alloc(32, 7);

  it('names its key and opens to what was sealed, whatever bytes and context', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const context = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(bytes, context, (plain, pairs) => {
        const blob = seal(id, material, Buffer.from(plain), pairs);
        expect(keyOfBlob(blob)).toBe(id);
        const reversed = Object.fromEntries(Object.entries(pairs).reverse());
        expect(open(material, blob, reversed)).toEqual(Buffer.from(plain));
        expect(open(material, blob, { ...pairs, more: `${pairs.more}x` })).toBeUndefined();
      }),
    );
  });

  it('opens after no change of any of its bits', () => {
    const blob = seal(id, material, Buffer.from('secret'), { a: 'b' });
    for (let bit = 0; bit < blob.length * 8; bit++) {
      const changed = Buffer.from(blob);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(open(material, changed, { a: 'b' })).toBeUndefined();
    }
  });
});
