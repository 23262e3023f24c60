import type { Resources } from '@granary/embedded-aws/provision/provision';
import type { Invoke } from './invoke.ts';

/**
 * What the authentication provider needs to know of the service; serverless-offline loads it by itself and tells it
 * nothing.
 */
export type PluginContext = {
  resources: Resources;
  invoke: Invoke;
  /** Full name (`granary-api-local-authorize`) by the key in serverless.yml. */
  functionNames: Readonly<Record<string, string>>;
};

let current: PluginContext | undefined;

export const setPluginContext = (context: PluginContext): void => {
  current = context;
};

export const pluginContext = (): PluginContext => {
  if (!current)
    throw new Error(
      'The plugin @granary/local/plugin must stand in `plugins` of serverless.yml, it makes authentication work.',
    );
  return current;
};
