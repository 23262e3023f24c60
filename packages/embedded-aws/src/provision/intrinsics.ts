/**
 * What a resource is known by once it exists; `ref` is null for one that is not needed locally and so does not exist.
 */
export type Provisioned = { ref: string | null; attributes: Readonly<Record<string, string>> };

export type StackScope = {
  account: string;
  region: string;
  stack: string;
  /** Throws, naming the resource, when there is none of that logical id. */
  resource(logicalId: string): Promise<Provisioned>;
  /** Throws, naming the export, when no stack exports it. */
  imported(name: string): Promise<string>;
};

const PSEUDO = (scope: StackScope): Readonly<Record<string, string>> => ({
  'AWS::AccountId': scope.account,
  'AWS::Region': scope.region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': scope.stack,
});

const reference = async (name: string, scope: StackScope): Promise<string> => {
  const pseudo = PSEUDO(scope)[name];
  if (pseudo !== undefined) return pseudo;
  const { ref } = await scope.resource(name);
  if (ref === null) throw new Error(`${name} is of a type that is not made locally, so nothing here can refer to it.`);
  return ref;
};

const attribute = async (path: string, scope: StackScope): Promise<string> => {
  const [logicalId, ...rest] = path.split('.');
  const name = rest.join('.');
  const { attributes } = await scope.resource(logicalId!);
  const value = attributes[name];
  if (value === undefined) throw new Error(`The attribute ${name} of ${logicalId} is not known locally.`);
  return value;
};

const substitute = async (argument: unknown, scope: StackScope): Promise<string> => {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const values = (await resolveIntrinsics(variables ?? {}, scope)) as Record<string, string>;
  const parts = String(text).split(/\$\{([^}]+)\}/);
  const resolved = parts.map((part, i) => {
    if (i % 2 === 0) return part;
    if (part.startsWith('!')) return `\${${part.slice(1)}}`;
    return (
      values[part] ??
      (PSEUDO(scope)[part] === undefined && part.includes('.') ? attribute(part, scope) : reference(part, scope))
    );
  });
  return (await Promise.all(resolved)).join('');
};

type Resolver = (argument: never, scope: StackScope) => Promise<unknown>;

const RESOLVERS: Readonly<Record<string, Resolver>> = {
  Ref: (name: string, scope) => reference(name, scope),
  'Fn::GetAtt': (path: string | string[], scope) => attribute(Array.isArray(path) ? path.join('.') : path, scope),
  'Fn::Sub': (argument: unknown, scope) => substitute(argument, scope),
  'Fn::ImportValue': async (name: unknown, scope) => scope.imported(String(await resolveIntrinsics(name, scope))),
  'Fn::Join': async (argument: unknown, scope) => {
    const [separator, parts] = (await resolveIntrinsics(argument, scope)) as [string, string[]];
    return parts.join(separator);
  },
  'Fn::Select': async (argument: unknown, scope) => {
    const [index, list] = (await resolveIntrinsics(argument, scope)) as [number | string, unknown[]];
    return list[Number(index)];
  },
  'Fn::Split': async (argument: unknown, scope) => {
    const [separator, text] = (await resolveIntrinsics(argument, scope)) as [string, string];
    return text.split(separator);
  },
};

/**
 * A copy of `value` with every intrinsic function in it replaced by what it stands for. Throws, naming it, when one is
 * not known here or refers to nothing that was provisioned.
 */
export const resolveIntrinsics = async (value: unknown, scope: StackScope): Promise<unknown> => {
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveIntrinsics(item, scope)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? ['', undefined];
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const resolver = RESOLVERS[name];
    if (!resolver) throw new Error(`The intrinsic function ${name} is not resolved locally.`);
    return resolver(argument as never, scope);
  }
  const resolved = await Promise.all(entries.map(async ([key, item]) => [key, await resolveIntrinsics(item, scope)]));
  return Object.fromEntries(resolved);
};
