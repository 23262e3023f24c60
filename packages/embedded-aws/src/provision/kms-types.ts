import {
  type AliasListEntry,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  type KeyMetadata,
  paginateListAliases,
  paginateListKeys,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import type { Clients } from './clients.ts';
import type { Provision } from './provision-type.ts';

const findKey = async (kms: Clients['kms'], description: string): Promise<KeyMetadata | undefined> => {
  for await (const { Keys = [] } of paginateListKeys({ client: kms }, {})) {
    for (const { KeyId } of Keys) {
      const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
      if (key?.Description === description && key.KeyState === 'Enabled') return key;
    }
  }
  return undefined;
};

/**
 * A key has no name of its own, so it is found again by its Description: a new one at each start could open nothing of
 * the last. Its policy and yearly rotation are the cloud's: nobody here is refused, and nothing gets old. It is rotated
 * on demand alone.
 */
export const kmsKey: Provision = async ({ Description }, { clients: { kms } }) => {
  if (!Description) throw new Error('A key needs a Description, by which it is found again at the next start.');
  const key = (await findKey(kms, Description)) ?? (await kms.send(new CreateKeyCommand({ Description }))).KeyMetadata;
  const ref = key?.KeyId as string;
  return { ref, attributes: { Arn: key?.Arn as string, KeyId: ref } };
};

const findAlias = async (kms: Clients['kms'], name: string): Promise<AliasListEntry | undefined> => {
  for await (const { Aliases = [] } of paginateListAliases({ client: kms }, {})) {
    const found = Aliases.find(({ AliasName }) => AliasName === name);
    if (found) return found;
  }
  return undefined;
};

export const kmsAlias: Provision = async (properties, { clients: { kms } }) => {
  const { AliasName, TargetKeyId } = properties as unknown as { AliasName: string; TargetKeyId: string };
  const there = await findAlias(kms, AliasName);
  if (!there) await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  // The target is given as an id here, and may be as an ARN in a template.
  else if (there.TargetKeyId !== TargetKeyId.split('/').at(-1)) {
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  }
  return { ref: AliasName, attributes: {} };
};
