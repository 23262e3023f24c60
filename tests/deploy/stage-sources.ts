import { urlVariable } from '@granary/domain/source';
import { TABLE_SOURCES, USERS_SOURCE } from '@granary/sources/sources.gen';

type Addresses = Readonly<Record<string, string | undefined>>;
const IDS = [...TABLE_SOURCES, USERS_SOURCE].map(({ id }) => id);

/**
 * What a stage of tests is deployed with: `replica` has addresses by source. Every other source is left out: tests ask
 * nobody's site, and count what the replica has.
 */
export const sourceVariables = (replica: Addresses, ids: readonly string[] = IDS): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [urlVariable(id), replica[id] ?? 'none']));

/**
 * A sentence about a stage that was deployed otherwise: `deployed` are its addresses by source, `replicated` the
 * sources that the replica has.
 */
export const strangeSources = (
  deployed: Addresses,
  replicated: readonly string[],
  ids: readonly string[] = IDS,
): string | undefined => {
  const missing = replicated.filter((id) => !deployed[id] || deployed[id] === 'none');
  const others = ids.filter((id) => !replicated.includes(id) && deployed[id] !== 'none');
  if (missing.length + others.length === 0) return undefined;
  const wanted = [
    ...missing.map((id) => `${urlVariable(id)}, an address of this machine at which the tests may serve a replica`),
    ...others.map((id) => `${urlVariable(id)}=none`),
  ];
  return `It collects what the tests do not serve (${[...missing, ...others].join(', ')}). Deploy a stage for the tests with ${wanted.join('; ')}.`;
};
