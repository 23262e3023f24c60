/** The well-formed table that the files of `npm run bench -- pollution` are made of: 84 rows of 9 columns. */

export const HEADER: readonly string[] = [
  'id',
  'Postal code',
  'Place',
  'Opened',
  'Opens at',
  'Visitors',
  'Level',
  'Remarks',
  'Category',
];

const ROWS = 84;
const PLACES = ['Águeda', 'Évora', 'São João', 'Faro', "Castro d'Aire", 'Peso da Régua', 'Loulé', 'Viana do Castelo'];
const CATEGORIES = ['museum', 'library', 'winery', 'park'];
const REMARKS = [
  'Closed on Mondays, and on holidays',
  'It is called the "white house" by those who live there',
  'First floor: paintings, drawings, prints.\nSecond floor: tools, presses; barrels and casks of three centuries.',
  'Tickets at the door',
  'Guided tours in French, German, Portuguese and Spanish, for groups of ten or more; say so two days before, please',
  '',
  'See "Rooms, halls and cellars", page 12:\n"The great hall, 40 m long, is the largest of its kind"',
];
const two = (number: number): string => String(number).padStart(2, '0');

/** Text as a file has it. Figures have missing ones among them, the last two columns empty cells. */
export const CLEAN_ROWS: readonly (readonly string[])[] = Array.from({ length: ROWS }, (_, row) => [
  String(1001 + row * 7),
  `0${1000 + ((row * 337) % 8999)}`,
  PLACES[(row * 5) % PLACES.length]!,
  `${1970 + (row % 50)}-${two(1 + (row % 12))}-${two(1 + ((row * 11) % 28))}`,
  `${two(7 + (row % 5))}:${row % 2 === 0 ? '30' : '00'}`,
  row % 13 === 5 ? '' : String(120 + ((row * 7919) % 48_000)),
  row % 17 === 3 ? 'n/a' : `${(row * 31) % 90}.${two(1 + ((row * 13) % 99))}`,
  REMARKS[row % REMARKS.length]!,
  row % 19 === 4 ? '' : CATEGORIES[(row * 3) % CATEGORIES.length]!,
]);

/** Another table, that stands below or beside it: `columns` of these. */
export const OTHER_HEADER: readonly string[] = [
  'Ship',
  'Tons',
  'Built',
  'Harbour',
  'Crew',
  'Draught',
  'Owner',
  'Flag',
  'Note',
  'Mast',
  'Sails',
];
const HARBOURS = ['Porto', 'Lisboa', 'Setúbal'];
export const otherRows = (rows: number, columns: number): string[][] =>
  Array.from({ length: rows }, (_, row) =>
    [
      `Ship ${String.fromCharCode(65 + row)}`,
      String(100 + row * 37),
      String(1900 + row * 3),
      HARBOURS[row % 3]!,
      String(10 + row),
      `${2 + row}.${5 + (row % 4)}`,
      row % 2 === 0 ? 'the port' : 'the state',
      'PT',
      row % 2 === 0 ? 'in use' : 'laid up',
      String(1 + (row % 3)),
      String(4 + row),
    ].slice(0, columns),
  );
