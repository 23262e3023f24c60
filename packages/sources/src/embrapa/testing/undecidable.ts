import { DAMAGES } from './damages.ts';

/** Damages after which the years are only told by counting columns. */
const WITHOUT_HEADER = new Set(['no header', 'the beginning is cut']);
/** Damages that take columns along with their titles, or put some in. */
const OTHER_COLUMNS = new Set([
  'a column of a year is missing',
  'a column of a year twice',
  'two columns of years have changed places',
  'columns of years turned round',
  'a column of notes among the figures',
  'a blank column among the figures',
  'a column of notes at the end',
]);
/** Damages that take titles elsewhere without their columns. */
const OTHER_TITLES = new Set(['titles of years turned round', 'two years change their titles', 'last year as another']);
/** Leaves a blank column that another damage may take away. */
const MOVED = new Set(['all figures have moved to the right', 'all figures have moved to the left']);
/** Puts a line in the place of one that another damage makes unreadable: all that is left says so. */
const IN_ITS_PLACE = 'a line is there twice with other figures';

const both = (names: readonly string[], one: ReadonlySet<string>, two: ReadonlySet<string>): boolean =>
  names.some((name) => one.has(name)) && names.some((name) => two.has(name));

/**
 * Whether two damages hide each other so that the file is again one without fault, of other figures: nothing in it could tell. The list is kept
 * short, and each entry says why.
 */
export const hideEachOther = (names: readonly string[]): boolean =>
  both(names, WITHOUT_HEADER, OTHER_COLUMNS) ||
  both(names, OTHER_TITLES, OTHER_COLUMNS) ||
  both(names, MOVED, OTHER_COLUMNS) ||
  (names.length > 1 && names.includes(IN_ITS_PLACE)) ||
  // The second one reads bytes that are no text of its kind any more.
  names.filter((name) => DAMAGES[name].on === 'bytes').length > 1;
