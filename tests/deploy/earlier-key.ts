import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, GenerateDataKeyCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import type { Cloud } from './cloud.ts';

/**
 * A user whose secrets were sealed under a key that no stack of today owns. Fewer than those of the stage's own key, so
 * that it is the other one which is taken over.
 */
export const sealByAnotherKey = async ({ clients, stage }: Cloud) => {
  const KeyId = (await clients.kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId as string;
  const { CiphertextBlob } = await clients.kms.send(
    new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: { purpose: 'granary-users' } }),
  );
  const place = { TableName: `granary-${stage}-users` };
  const Key = { id: { N: '999999999' }, last_name: { S: 'Of before' } };
  const key = { S: Buffer.from(CiphertextBlob as Uint8Array).toString('base64') };
  await clients.dynamo.send(new PutItemCommand({ ...place, Item: { ...Key, sealed: { M: { key } } } }));
  return {
    KeyId,
    forget: () => clients.dynamo.send(new DeleteItemCommand({ ...place, Key })),
    tags: async () => (await clients.kms.send(new ListResourceTagsCommand({ KeyId }))).Tags ?? [],
  };
};
