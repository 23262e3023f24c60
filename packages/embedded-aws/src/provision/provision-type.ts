import type { Clients } from './clients.ts';
import type { Provisioned } from './intrinsics.ts';

export type Context = { clients: Clients; account: string; region: string };
/**
 * Makes the resource unless it is there, and says what it is known by. Run at every start, so it must be idempotent.
 */
export type Provision = (properties: Record<string, never>, context: Context) => Promise<Provisioned>;

/**
 * The value of `call`, or undefined when it fails because what it asks for is not (or already) there: the error's name
 * is one of `names`.
 */
export const unlessMissing = async <T>(call: Promise<T>, ...names: string[]): Promise<T | undefined> =>
  call.catch((error: Error) => {
    if (names.includes(error.name)) return undefined;
    throw error;
  });
