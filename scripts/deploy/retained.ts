import { resolveIntrinsics, type StackScope } from '@granary/embedded-aws/provision/intrinsics';
import type { Account } from './account.ts';
import { type Identifier, KINDS } from './kinds.ts';
import type { Resource, Template } from './stacks.ts';

/** A resource of a template that stays when its stack goes. */
export type Retained = { id: string; type: string; resource: Resource };

export const retainedIn = (template: Template): Retained[] =>
  Object.entries(template.Resources)
    .filter(([, { DeletionPolicy }]) => /^Retain/.test(DeletionPolicy ?? ''))
    .map(([id, resource]) => ({ id, type: resource.Type, resource }));

export type Found = Retained & { identifier: Identifier };

/** What `Ref` gives of it. */
export const physicalOf = (identifier: Identifier): string => Object.values(identifier).at(-1)!;

class NotThere extends Error {}

/**
 * Those that are in the account, whoever owns them. A child is looked for in its parent, which is found first. What has
 * no name, a key, is not among them.
 */
export const findRetained = async (account: Account, retained: readonly Retained[]): Promise<Found[]> => {
  const found = new Map<string, Found>();
  const scope: StackScope = {
    account: account.id,
    region: account.region,
    stack: '',
    resource: async (id) => {
      const one = found.get(id);
      if (one === undefined) throw new NotThere(id);
      return { ref: physicalOf(one.identifier), attributes: {} };
    },
    imported: async (name) => {
      throw new Error(`What stays must be found before any stack is there, so its name cannot be the export ${name}.`);
    },
  };
  const identify = async ({ type, resource }: Retained): Promise<Identifier | undefined> => {
    const { find } = KINDS[type] ?? {};
    if (find === undefined) return undefined;
    const names = Object.entries(resource.Properties ?? {}).filter(([name]) => /(Name|Id)$/.test(name));
    try {
      return await find(account, (await resolveIntrinsics(Object.fromEntries(names), scope)) as Record<string, string>);
    } catch (error) {
      if (error instanceof NotThere) return undefined;
      throw error;
    }
  };
  const parentsFirst = [...retained].sort((a, b) => Number(isChild(a)) - Number(isChild(b)));
  for (const one of parentsFirst) {
    const identifier = await identify(one);
    if (identifier !== undefined) found.set(one.id, { ...one, identifier });
  }
  return [...found.values()];
};

const isChild = ({ resource }: Retained): boolean => typeof resource.Properties?.UserPoolId === 'object';
