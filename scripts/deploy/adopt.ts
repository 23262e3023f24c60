import type { Account } from './account.ts';
import { createStack, type Import, importResources } from './import-resources.ts';
import { KINDS } from './kinds.ts';
import type { Packaged } from './package-service.ts';
import { findRetained, physicalOf, retainedIn } from './retained.ts';
import type { Service } from './services.ts';
import { findStack, lastTemplateOf, resourcesOf, type Template, templateOf } from './stacks.ts';
import { type KeysInUse, keysCalled, keysInUse, tagForUsers } from './users-keys.ts';

type Say = (line: string) => void;
export type AdoptOptions = { say: Say; newKey?: boolean };

/** Logical ids in services/storage/resources. */
const [TABLE, BUCKET, KEY] = ['UsersTable', 'DataBucket', 'UsersKey'];

/**
 * What an earlier deployment left, when its stack went, becomes the stack's again, before the deployment would make it
 * a second time and fail on its name. What is there is not changed.
 */
export const adoptRetained = async (
  account: Account,
  service: Service,
  { core, template }: Packaged,
  options: AdoptOptions,
): Promise<void> => {
  const stackName = `${service.stack}-${account.stage}`;
  const stack = await findStack(account, stackName);
  const owned = stack ? await resourcesOf(account, stackName) : [];
  const ownedId = (id: string) => owned.find(({ LogicalResourceId }) => LogicalResourceId === id)?.PhysicalResourceId;
  const missing = retainedIn(template).filter(({ id }) => ownedId(id) === undefined);

  const found: Import[] = await findRetained(account, missing);
  const physical = (id: string) => {
    const one = found.find((each) => each.id === id);
    return ownedId(id) ?? (one && physicalOf(one.identifier));
  };
  const inUse = await keysInUse(account, { table: physical(TABLE), bucket: physical(BUCKET) });
  const ownedKey = ownedId(KEY);
  checkKeys(inUse, ownedKey, options);
  const plan = keyPlan(
    ownedKey,
    inUse.ids,
    ownedKey === undefined ? await keysCalled(account, descriptionOf(template)) : [],
  );
  if (plan.adopt !== undefined)
    found.push({ id: KEY, resource: template.Resources[KEY]!, identifier: { KeyId: plan.adopt } });
  for (const id of plan.tag) {
    if (await tagForUsers(account, id))
      options.say(`What the key ${id} sealed can be opened: it has the tag for it now (an earlier stack's key).`);
  }
  if (found.length === 0) return;

  const last = stack === undefined ? await lastTemplateOf(account, stackName) : undefined;
  options.say(`Found what an earlier ${stackName} left; it is taken over as it is:`);
  for (const { resource, identifier } of found)
    options.say(`  ${KINDS[resource.Type]?.called ?? resource.Type} ${physicalOf(identifier)}`);
  if (stack === undefined) await createStack(account, stackName, core);
  await importResources(account, stackName, await templateOf(account, stackName), asDeployed(found, last));
};

/**
 * An update applies what its template has otherwise than the one before. So what is imported is imported as it was
 * deployed last, where that is known: said to be as it is to become, it would stay as it is.
 */
export const asDeployed = (imports: readonly Import[], last: Template | undefined): Import[] =>
  imports.map((one) => {
    const before = last?.Resources[one.id];
    return before?.Type === one.resource.Type ? { ...one, resource: before } : one;
  });

const descriptionOf = (template: Template): string => String(template.Resources[KEY]?.Properties?.Description);

/**
 * Which key becomes the stack's, and which others must stay usable. What is sealed decides; only where nothing is, a
 * key that was made for it and waits is used again.
 */
export const keyPlan = (
  owned: string | undefined,
  inUse: readonly string[],
  called: readonly string[],
): { adopt?: string; tag: string[] } => {
  const adopt = owned === undefined ? (inUse[0] ?? called[0]) : undefined;
  return { ...(adopt !== undefined && { adopt }), tag: inUse.filter((id) => id !== owned && id !== adopt) };
};

/** A new key beside secrets that no key opens would hide that they are lost, or keep them from whoever can mend it. */
const checkKeys = ({ refusals }: KeysInUse, owned: string | undefined, { say, newKey }: AdoptOptions): void => {
  if (refusals.length === 0) return;
  const told = refusals.map((refusal) => `  ${refusal}`).join('\n');
  if (owned !== undefined || newKey) {
    say(
      `KMS does not open some of what is sealed of users, for you. If it does for nobody, that cannot be shown:\n${told}`,
    );
    return;
  }
  throw new Error(
    `KMS does not open what is sealed of users:\n${told}\nIf the key waits for its deletion: aws kms cancel-key-deletion --key-id … and aws kms enable-key --key-id …. If you may not use it: you need kms:Decrypt on it. If it is gone for good: deploy with --new-key; the sealed secrets are lost.`,
  );
};
