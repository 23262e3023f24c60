import { makeClients } from './clients.ts';
import { type Provisioned, resolveIntrinsics, type StackScope } from './intrinsics.ts';
import { NOT_NEEDED_LOCALLY, RESOURCE_TYPES } from './resource-types.ts';
import type { Template } from './templates.ts';

/**
 * Everything that was provisioned, by service and logical id, and what the stacks export.
 */
export type Resources = {
  endpoint: string;
  account: string;
  region: string;
  stage: string;
  stacks: Record<string, Record<string, Provisioned>>;
  exports: Record<string, string>;
};

const makeOnce = <T>() => {
  const made = new Map<string, Promise<T>>();
  return (key: string, make: () => Promise<T>): Promise<T> => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
};

/**
 * Makes what the services' own CloudFormation resources declare, in the order in which they refer to each other.
 * Idempotent. Throws an Error that names the service and the resource when a type is unknown or cannot be made.
 */
export const provision = async (
  templates: readonly Template[],
  options: { endpoint: string; account: string; region: string; stage: string },
): Promise<Resources> => {
  const { endpoint, account, region, stage } = options;
  const clients = makeClients(endpoint, region);
  const resourceOnce = makeOnce<Provisioned>();
  const exportOnce = makeOnce<string>();

  const scopeOf = (template: Template): StackScope => ({
    account,
    region,
    stack: `${template.service}-${stage}`,
    resource: (logicalId) => resourceOnce(`${template.service}/${logicalId}`, () => make(template, logicalId)),
    imported: (name) => exportOnce(name, () => find(name)),
  });

  const make = async (template: Template, logicalId: string): Promise<Provisioned> => {
    const where = `${logicalId} of ${template.service}`;
    const resource = template.resources[logicalId];
    if (!resource) throw new Error(`There is no resource ${where}.`);
    if (NOT_NEEDED_LOCALLY.has(resource.Type)) return { ref: null, attributes: {} };
    const type = RESOURCE_TYPES[resource.Type];
    if (!type) {
      throw new Error(
        `The resource ${where} is of type ${resource.Type}, which is not known locally. ` +
          'Say in packages/embedded-aws/src/provision/resource-types.ts how it is made, or that nothing needs it.',
      );
    }
    await Promise.all([resource.DependsOn ?? []].flat().map((id) => scopeOf(template).resource(id)));
    try {
      const properties = await resolveIntrinsics(resource.Properties ?? {}, scopeOf(template));
      return await type(properties as never, { clients, account, region });
    } catch (error) {
      throw new Error(`The resource ${where} could not be made: ${(error as Error).message}`, { cause: error });
    }
  };

  const find = async (name: string): Promise<string> => {
    for (const template of templates) {
      for (const output of Object.values(template.outputs)) {
        if (!output.Export || (await resolveIntrinsics(output.Export.Name, scopeOf(template))) !== name) continue;
        return String(await resolveIntrinsics(output.Value, scopeOf(template)));
      }
    }
    throw new Error(`No service exports ${name}.`);
  };

  const stacks: Resources['stacks'] = {};
  const exported: Resources['exports'] = {};
  for (const template of templates) {
    const scope = scopeOf(template);
    const made = Object.keys(template.resources).map(async (id) => [id, await scope.resource(id)] as const);
    stacks[template.service] = Object.fromEntries(await Promise.all(made));
    for (const output of Object.values(template.outputs)) {
      if (!output.Export) continue;
      const name = String(await resolveIntrinsics(output.Export.Name, scope));
      const value = await resolveIntrinsics(output.Value, scope).catch(() => undefined);
      // An output may speak of what is not needed locally (the API's URL); nothing can import that here.
      if (typeof value === 'string') exported[name] = value;
    }
  }
  for (const client of Object.values(clients)) client.destroy();
  return { endpoint, account, region, stage, stacks, exports: exported };
};

/** The scope in which a service's function environments are resolved, out of what was provisioned before. */
export const scopeOfService = (resources: Resources, service: string): StackScope => ({
  account: resources.account,
  region: resources.region,
  stack: `${service}-${resources.stage}`,
  async resource(logicalId) {
    const found = resources.stacks[service]?.[logicalId];
    if (!found) throw new Error(`There is no resource ${logicalId} of ${service} in the running stack.`);
    return found;
  },
  async imported(name) {
    const value = resources.exports[name];
    if (value === undefined) throw new Error(`No service of the running stack exports ${name}.`);
    return value;
  },
});
