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
  // It may be all that is left to tell the years.
  'another header in the middle',
  'a column of notes at the end',
]);
/** Damages that take titles elsewhere without their columns. */
const OTHER_TITLES = new Set(['titles of years turned round', 'two years change their titles', 'last year as another']);
/** One cell less in a line, or in all of them. */
const FEWER_CELLS = new Set([
  'a delimiter is lost',
  'a column of a year is missing',
  'the last column is missing below the header',
  // Of the line that it happens in.
  'a line is cut short',
  'the file is cut',
  'no ids below the header',
]);
/**
 * One cell more in a line, or one title less: a line is as long as the header again, with figures beside their columns.
 */
const MORE_CELLS = new Set([
  'a delimiter too many',
  'a figure is cut in two',
  'a stray delimiter',
  'delimiters behind some lines',
  'a title of a year is lost',
  'a column of a year is missing',
  'a delimiter is lost',
]);
/** Characters that Latin-1 has no byte for are others in it. */
const BEYOND_LATIN_1 = new Set(['a BOM in the middle', 'a space of no width', 'a space of no width in a name']);
const LATIN_1 = new Set(['Latin-1', 'some lines in Latin-1']);
/** Damages after which the lines stand in another order, as only their ids tell. */
const SORTED = new Set([
  'lines sorted by name',
  'lines sorted by control',
  'lines sorted by their last figure',
  'lines upside down',
]);
const WITHOUT_IDS = new Set(['no column of ids', 'no ids below the header', 'all lines have moved to the right']);
/** Leaves a blank last column; without a title it is a delimiter that all lines end in, as in sound files. */
const MOVED_LEFT = new Set(['all figures have moved to the left']);
const TITLE_LOST = new Set(['a year without its title', 'a title of a year is lost']);
/** Leaves a blank column that another damage may take away. */
const MOVED = new Set(['all figures have moved to the right', 'all figures have moved to the left']);
/** Puts a line in the place of one that another damage makes unreadable: all that is left says so. */
const IN_ITS_PLACE = 'a line is there twice with other figures';

/** One of them is of the first set, and another one of the second. */
const both = (names: readonly string[], one: ReadonlySet<string>, two: ReadonlySet<string>): boolean =>
  names.some((name) => one.has(name) && names.some((other) => other !== name && two.has(other)));

/**
 * Whether two damages hide each other so that the file is again one without fault, of other figures: nothing in it
 * could tell. The list is kept short, and each entry says why.
 */
export const hideEachOther = (names: readonly string[]): boolean =>
  both(names, WITHOUT_HEADER, OTHER_COLUMNS) ||
  both(names, OTHER_TITLES, OTHER_COLUMNS) ||
  both(names, FEWER_CELLS, MORE_CELLS) ||
  both(names, BEYOND_LATIN_1, LATIN_1) ||
  both(names, MOVED, OTHER_COLUMNS) ||
  both(names, MOVED_LEFT, TITLE_LOST) ||
  both(names, MOVED, FEWER_CELLS) ||
  both(names, MOVED, MORE_CELLS) ||
  both(names, SORTED, WITHOUT_IDS) ||
  (names.length > 1 && names.includes(IN_ITS_PLACE)) ||
  // The second one reads bytes that are no text of its kind any more.
  names.filter((name) => DAMAGES[name].on === 'bytes').length > 1;
