import { randomBytes } from 'node:crypto';
import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { type JsonService, makeJsonService, operation, type ServiceOperation } from '../json-service.ts';
import { type EncryptionContext, keyOfBlob, open, seal } from './kms-ciphertext.ts';
import { openKeys, type StoredAlias, type StoredKey } from './kms-keys.ts';

const ALIAS = /^alias\/[\w/-]{1,250}$/;
const LARGEST_PLAINTEXT = 4096;
const LARGEST_BLOB = 6144;
/** Of one key on demand, in its life. */
const MOST_ROTATIONS = 25;
const DATA_KEY_BYTES: Readonly<Record<string, number>> = { AES_256: 32, AES_128: 16 };

const invalid = (message: string) => new AwsError('ValidationException', message);
const onlyHere = (name: string, value: unknown, only: unknown) => {
  if (value !== undefined && value !== only) throw new NotImplementedHere(`with ${name} ${value}`);
};
const unreadable = () =>
  new AwsError('InvalidCiphertextException', 'The ciphertext or its encryption context is not what was encrypted.');
const seconds = (ms: number) => ms / 1000;

/** A page of `all` after the one of the name `Marker`; `nameOf` gives an item's. */
const pageOf = <T>(all: readonly T[], nameOf: (item: T) => string, limit: number, marker: string | undefined) => {
  if (!(limit >= 1 && limit <= 1000)) throw invalid('Limit must be from 1 to 1000.');
  const after = marker === undefined ? -1 : all.findIndex((item) => nameOf(item) === marker);
  if (marker !== undefined && after < 0) throw new AwsError('InvalidMarkerException', 'The marker is not valid.');
  const items = all.slice(after + 1, after + 1 + limit);
  const Truncated = after + 1 + limit < all.length;
  return { items, end: { Truncated, ...(Truncated && { NextMarker: nameOf(items.at(-1)!) }) } };
};

/**
 * Part of KMS: symmetric keys that make data keys, encrypt and decrypt, by id, ARN or alias, with an
 * encryption context that is authenticated. Its keys lie under `dir`. Policies and grants are not looked at, as nowhere
 * in the embedded AWS.
 */
export const startKms = (options: {
  dir: string;
  region: string;
  accountId: string;
  onFailure: (error: Error) => void;
}): JsonService => {
  const store = openKeys(options.dir);
  const place = `arn:aws:kms:${options.region}:${options.accountId}:`;
  const arnOf = ({ id }: StoredKey) => `${place}key/${id}`;

  /** By id, ARN, alias or the alias' ARN. Throws NotFoundException. */
  const find = (name: string): StoredKey => {
    const local = name.startsWith(place) ? name.slice(place.length) : name;
    if (local.startsWith('alias/')) {
      const key = store.key(store.alias(local)?.key ?? '');
      if (!key) throw new AwsError('NotFoundException', `Alias ${place}${local} is not found.`);
      return key;
    }
    const key = store.key(local.replace(/^key\//, ''));
    if (!key) throw new AwsError('NotFoundException', `Key '${name}' does not exist`);
    return key;
  };
  const materialOf = (key: StoredKey) => Buffer.from(key.material, 'base64');
  /** By what the key seals with, or sealed with before it was rotated; the ciphertext's own tag says by which. */
  const opened = (key: StoredKey, blob: Buffer, context: EncryptionContext): Buffer | undefined => {
    for (const { material } of [key, ...(key.older ?? []).toReversed()]) {
      const plain = open(Buffer.from(material, 'base64'), blob, context);
      if (plain) return plain;
    }
    return undefined;
  };
  const sealed = (key: StoredKey, plain: Buffer, context: EncryptionContext = {}) =>
    seal(key.id, materialOf(key), plain, context).toString('base64');
  const metadata = (key: StoredKey) => ({
    AWSAccountId: options.accountId,
    KeyId: key.id,
    Arn: arnOf(key),
    CreationDate: seconds(key.created),
    Enabled: true,
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  });
  /** The target of an alias is said by its id or ARN, never by another alias. */
  const targetOf = (TargetKeyId: string): StoredKey => {
    if (TargetKeyId.includes('alias/')) throw invalid('Aliases must refer to keys. Not aliases');
    return find(TargetKeyId);
  };
  const checkAlias = (name: string) => {
    if (name.startsWith('alias/aws/'))
      throw new AwsError('NotAuthorizedException', 'Names that begin with alias/aws/ are reserved.');
    if (!ALIAS.test(name))
      throw invalid('Alias must start with the prefix "alias/", and have letters, digits, /, _ and - after it.');
  };
  const describeAlias = (alias: StoredAlias) => ({
    AliasName: alias.name,
    AliasArn: `${place}${alias.name}`,
    TargetKeyId: alias.key,
    CreationDate: seconds(alias.created),
    LastUpdatedDate: seconds(alias.updated),
  });

  const operations: Record<string, ServiceOperation> = {
    CreateKey: operation(
      { Description: 'text', KeyUsage: 'text', KeySpec: 'text', Origin: 'text', MultiRegion: 'flag' },
      ({ Description = '', KeyUsage, KeySpec, Origin, MultiRegion }) => {
        onlyHere('KeyUsage', KeyUsage, 'ENCRYPT_DECRYPT');
        onlyHere('KeySpec', KeySpec, 'SYMMETRIC_DEFAULT');
        onlyHere('Origin', Origin, 'AWS_KMS');
        onlyHere('MultiRegion', MultiRegion, false);
        if (Description.length > 8192) throw invalid('Description must be at most 8192 characters long.');
        return { KeyMetadata: metadata(store.addKey(Description)) };
      },
    ),
    DescribeKey: operation({ KeyId: 'text!' }, ({ KeyId }) => ({ KeyMetadata: metadata(find(KeyId)) })),
    ListKeys: operation({ Limit: 'integer', Marker: 'text' }, ({ Limit = 100, Marker }) => {
      const { items, end } = pageOf(store.keys(), ({ id }) => id, Limit, Marker);
      return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: arnOf(key) })), ...end };
    }),
    CreateAlias: operation({ AliasName: 'text!', TargetKeyId: 'text!' }, ({ AliasName, TargetKeyId }) => {
      checkAlias(AliasName);
      const key = targetOf(TargetKeyId);
      if (store.alias(AliasName)) {
        const message = `An alias with the name ${place}${AliasName} already exists`;
        throw new AwsError('AlreadyExistsException', message);
      }
      store.putAlias(AliasName, key.id);
      return undefined;
    }),
    UpdateAlias: operation({ AliasName: 'text!', TargetKeyId: 'text!' }, ({ AliasName, TargetKeyId }) => {
      checkAlias(AliasName);
      const key = targetOf(TargetKeyId);
      if (!store.alias(AliasName)) throw new AwsError('NotFoundException', `Alias ${place}${AliasName} is not found.`);
      store.putAlias(AliasName, key.id);
      return undefined;
    }),
    ListAliases: operation({ KeyId: 'text', Limit: 'integer', Marker: 'text' }, ({ KeyId, Limit = 50, Marker }) => {
      const key = KeyId === undefined ? undefined : targetOf(KeyId);
      const all = store.aliases().filter((alias) => key === undefined || alias.key === key.id);
      const { items, end } = pageOf(all, ({ name }) => name, Limit, Marker);
      return { Aliases: items.map(describeAlias), ...end };
    }),
    /** At once; the cloud takes some minutes. */
    RotateKeyOnDemand: operation({ KeyId: 'text!' }, ({ KeyId }) => {
      const key = targetOf(KeyId);
      if ((key.older ?? []).length >= MOST_ROTATIONS) {
        const message = `On-demand rotation of a key is limited to ${MOST_ROTATIONS}.`;
        throw new AwsError('LimitExceededException', message);
      }
      return { KeyId: store.rotate(key.id).id };
    }),
    ListKeyRotations: operation({ KeyId: 'text!', Limit: 'integer', Marker: 'text' }, (input) => {
      const { KeyId, Limit = 100, Marker } = input;
      const { id, older = [] } = targetOf(KeyId);
      const { items, end } = pageOf(older, ({ rotated }) => String(rotated), Limit, Marker);
      const about = { KeyId: id, RotationType: 'ON_DEMAND' };
      return { Rotations: items.map(({ rotated }) => ({ ...about, RotationDate: seconds(rotated) })), ...end };
    }),
    GenerateDataKey: operation(
      { KeyId: 'text!', KeySpec: 'text', NumberOfBytes: 'integer', EncryptionContext: 'map' },
      ({ KeyId, KeySpec, NumberOfBytes, EncryptionContext }) => {
        if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
          throw invalid('Please specify either number of bytes or key spec.');
        }
        const bytes = KeySpec === undefined ? NumberOfBytes : DATA_KEY_BYTES[KeySpec];
        if (bytes === undefined) throw invalid(`KeySpec must be AES_256 or AES_128, not ${KeySpec}.`);
        if (!(bytes >= 1 && bytes <= 1024)) throw invalid('NumberOfBytes must be from 1 to 1024.');
        const key = find(KeyId);
        const plain = randomBytes(bytes);
        const CiphertextBlob = sealed(key, plain, EncryptionContext);
        return { CiphertextBlob, Plaintext: plain.toString('base64'), KeyId: arnOf(key) };
      },
    ),
    Encrypt: operation(
      { KeyId: 'text!', Plaintext: 'blob!', EncryptionContext: 'map', EncryptionAlgorithm: 'text' },
      ({ KeyId, Plaintext, EncryptionContext, EncryptionAlgorithm }) => {
        onlyHere('EncryptionAlgorithm', EncryptionAlgorithm, 'SYMMETRIC_DEFAULT');
        if (Plaintext.length < 1 || Plaintext.length > LARGEST_PLAINTEXT) {
          throw invalid(`Plaintext must have from 1 to ${LARGEST_PLAINTEXT} bytes.`);
        }
        const key = find(KeyId);
        const CiphertextBlob = sealed(key, Plaintext, EncryptionContext);
        return { CiphertextBlob, KeyId: arnOf(key), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      },
    ),
    Decrypt: operation(
      { CiphertextBlob: 'blob!', KeyId: 'text', EncryptionContext: 'map', EncryptionAlgorithm: 'text' },
      ({ CiphertextBlob, KeyId, EncryptionContext = {}, EncryptionAlgorithm }) => {
        onlyHere('EncryptionAlgorithm', EncryptionAlgorithm, 'SYMMETRIC_DEFAULT');
        if (CiphertextBlob.length < 1 || CiphertextBlob.length > LARGEST_BLOB) {
          throw invalid(`CiphertextBlob must have from 1 to ${LARGEST_BLOB} bytes.`);
        }
        const named = KeyId === undefined ? undefined : find(KeyId);
        const id = keyOfBlob(CiphertextBlob);
        if (id === undefined) throw unreadable();
        if (named && named.id !== id) {
          const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
          throw new AwsError('IncorrectKeyException', message);
        }
        const key = store.key(id);
        if (!key) {
          const message =
            'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.';
          throw new AwsError('AccessDeniedException', message);
        }
        const plain = opened(key, CiphertextBlob, EncryptionContext);
        if (!plain) throw unreadable();
        return {
          KeyId: arnOf(key),
          Plaintext: plain.toString('base64'),
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        };
      },
    ),
  };

  return makeJsonService({
    name: 'KMS',
    target: 'TrentService',
    operations,
    errors: { invalid: 'ValidationException', internal: 'KMSInternalException' },
    largest: 64 << 10,
    onFailure: options.onFailure,
  });
};
