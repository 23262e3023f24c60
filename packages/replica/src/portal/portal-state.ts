/** What the portal is at this moment: `PUT /__replica` changes it with `{"portal": {…}}`. */
export const PORTAL_ROOT = '/data/fr/';
/** Where its API answers unless told otherwise. */
const API = `${PORTAL_ROOT}api/3/action/`;

export type PortalState = {
  /** 1, or a later one: some files have changed, some moved, some datasets are new and some are gone. */
  edition: number;
  /** So many generated datasets in the place of the sixty; null: the sixty. */
  size: number | null;
  /** Path below which the Action API answers; null: it is switched off, and only the pages are there. */
  api: string | null;
  /** So much of all datasets is deleted besides, 0 to 1: every fourth with 0.25. */
  deleted_share: number;
  /** The text of robots.txt; null: there is none. */
  robots: string | null;
};

/** As CKAN has it, but for the API, which it disallows, and `Crawl-delay: 10`. */
const ROBOTS = `User-agent: *
Disallow: /*/dataset/rate/
Disallow: /*/revision/
Disallow: ${PORTAL_ROOT}reserve/
Disallow: /*.bak$
`;

const DEFAULTS: PortalState = { edition: 1, size: null, api: API, deleted_share: 0, robots: ROBOTS };
const LARGEST = 1_000_000;

const CHECKS: { [Name in keyof PortalState]: readonly [(value: unknown) => boolean, string] } = {
  edition: [(value) => isWhole(value) && value >= 1, 'a whole number ≥ 1'],
  size: [
    (value) => value === null || (isWhole(value) && value >= 1 && value <= LARGEST),
    `a whole number from 1 to ${LARGEST}, or null`,
  ],
  api: [
    (value) => value === null || (typeof value === 'string' && /^\/.*\/$/.test(value)),
    `a path that begins and ends with /, such as ${API}, or null`,
  ],
  deleted_share: [(value) => typeof value === 'number' && value >= 0 && value <= 1, 'a number from 0 to 1'],
  robots: [(value) => value === null || typeof value === 'string', 'the text of robots.txt, or null'],
};
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/**
 * The state with the members of `change` in it.
 * @throws RangeError that names the member that makes no sense.
 */
export const changedPortal = (change: unknown, state: PortalState = DEFAULTS): PortalState => {
  if (change === undefined) return state;
  if (typeof change !== 'object' || change === null || Array.isArray(change))
    throw new RangeError('portal must be an object.');
  for (const [name, value] of Object.entries(change)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof PortalState] : undefined;
    if (!check)
      throw new RangeError(`Unknown in portal: ${name}. What can be changed: ${Object.keys(CHECKS).join(', ')}.`);
    if (!check[0](value)) throw new RangeError(`${name} of portal must be ${check[1]}, not ${JSON.stringify(value)}.`);
  }
  return { ...state, ...(change as Partial<PortalState>) };
};
