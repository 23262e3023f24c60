/**
 * What the values of a column are by their form. A format is named only where every value has it. Where the form alone
 * would fit other things as well (two letters may be a state, a small number anything), the column's name must say so
 * too.
 */
import { countryCodes } from './country-codes.ts';

export type ValueFormat =
  | 'email'
  | 'url'
  | 'uuid'
  | 'iso_country_2'
  | 'iso_country_3'
  | 'postal_code'
  | 'latitude'
  | 'longitude'
  | 'year'
  | 'boolean_words';

/** A name's words, as names of columns have them: `codigo_postal`. */
const named = (words: string): RegExp => new RegExp(`(?:^|_)(?:${words})(?:_|$)`);

const NAMES: Partial<Record<ValueFormat, RegExp>> = {
  iso_country_2: named('country|countries|pais|paises|pays|land|laender|paese|nation|iso|iso2|alpha_?2|iso_?3166'),
  iso_country_3: named('country|countries|pais|paises|pays|land|laender|paese|nation|iso|iso3|alpha_?3|iso_?3166'),
  postal_code: named('zip|zips|zipcode|postal|postalcode|postcode|postcodes|cep|ceps|plz|cap|postleitzahl|cp|eircode'),
  latitude: named('lat|lats|latitude|latitudes|latitud|latitudine|breitengrad|geo_?lat'),
  longitude: named('lon|lng|long|longitude|longitudes|longitud|longitudine|laengengrad|geo_?lon'),
  year: named('year|years|yr|ano|anos|annee|annees|jahr|jahre|anno|anni|an|exercicio|safra|vintage'),
};
/** So many different codes are no coincidence. */
const MANY_CODES = 20;

/** In one language each: what means yes, and what means no. */
const BOOLEAN_WORDS: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  ['yes', 'no'],
  ['y', 'n'],
  ['t', 'f'],
  ['on', 'off'],
  ['sim', 'não'],
  ['sim', 'nao'],
  ['s', 'n'],
  ['verdadeiro', 'falso'],
  ['sí', 'no'],
  ['si', 'no'],
  ['verdadero', 'falso'],
  ['vero', 'falso'],
  ['sì', 'no'],
  ['oui', 'non'],
  ['o', 'n'],
  ['vrai', 'faux'],
  ['ja', 'nein'],
  ['j', 'n'],
  ['wahr', 'falsch'],
  ['ja', 'nee'],
  ['waar', 'onwaar'],
  ['ja', 'nej'],
  ['ja', 'nei'],
  ['sand', 'falsk'],
  ['tak', 'nie'],
  ['prawda', 'fałsz'],
  ['ano', 'ne'],
  ['igen', 'nem'],
  ['da', 'nu'],
  ['да', 'нет'],
  ['evet', 'hayır'],
];

/** Of those that are written the same way: Canada and the Netherlands mix letters and digits, Japan has a hyphen. */
const POSTAL_CODES: readonly RegExp[] = [
  /^\d{4,6}$/,
  /^\d{5}-\d{3}$/,
  /^\d{5}(?:-\d{4})?$/,
  /^\d{4}-\d{3}$/,
  /^\d{2}-\d{3}$/,
  /^\d{3} ?\d{2}$/,
  /^\d{3}-\d{4}$/,
  /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i,
  /^\d{4} ?[A-Z]{2}$/i,
  /^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$/i,
];

const EMAIL = /^[^\s@"(),:;<>[\\\]]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}-]+)+$/u;
const URL_FORM = /^https?:\/\/[^\s/?#"<>]\S*$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const YEAR = /^[12]\d{3}$/;
const DEGREES = /^[+-]?\d{1,3}(?:\.\d+)?$/;
const isWithin = (text: string, most: number): boolean => DEGREES.test(text) && Math.abs(Number(text)) <= most;

/** Longer texts have none of these forms. */
const LONGEST = 2048;

/** A way in which all values of a column may be written. `words`: those that must all occur. */
type Candidate = { format: ValueFormat; fits(text: string): boolean; words?: ReadonlySet<string> };

const candidates = (): Candidate[] => {
  const codes = countryCodes();
  return [
    { format: 'email', fits: (text) => text.length <= 254 && EMAIL.test(text) },
    { format: 'url', fits: (text) => URL_FORM.test(text) },
    { format: 'uuid', fits: (text) => UUID.test(text) },
    { format: 'year', fits: (text) => YEAR.test(text) },
    { format: 'iso_country_2', fits: (text) => codes.two.has(text) },
    { format: 'iso_country_3', fits: (text) => codes.three.has(text) },
    { format: 'latitude', fits: (text) => isWithin(text, 90) },
    { format: 'longitude', fits: (text) => isWithin(text, 180) },
    ...POSTAL_CODES.map((form): Candidate => ({ format: 'postal_code', fits: (text) => form.test(text) })),
    ...BOOLEAN_WORDS.map((pair): Candidate => {
      const words = new Set(pair);
      return { format: 'boolean_words', fits: (text) => words.has(text.toLowerCase()), words };
    }),
  ];
};

export type FormatCheck = {
  /** False once no format is left: values need not be seen any more. */
  readonly open: boolean;
  see(text: string): void;
  /** Of a column of that name with so many distinct values; null where none fits all of them. */
  format(name: string, distinct: number): ValueFormat | null;
};

export const createFormatCheck = (): FormatCheck => {
  let left = candidates();
  let seen = 0;
  const words = new Set<string>();
  return {
    get open() {
      return left.length > 0;
    },
    see(text) {
      seen++;
      if (text.length > LONGEST) left = [];
      left = left.filter(({ fits }) => fits(text));
      if (left.some((candidate) => candidate.words)) words.add(text.toLowerCase());
    },
    format(name, distinct) {
      if (seen === 0) return null;
      const isSure = ({ format, words: wanted }: Candidate): boolean => {
        if (wanted) return [...wanted].every((word) => words.has(word));
        const isNamed = NAMES[format]?.test(name) ?? true;
        return isNamed || (format.startsWith('iso_country') && distinct >= MANY_CODES);
      };
      return left.find(isSure)?.format ?? null;
    },
  };
};

/** Of a column of numbers: where its name says so and every value is within the bounds. */
export const formatOfNumbers = (name: string, min: number, max: number, whole: boolean): ValueFormat | null => {
  const isNamed = (format: ValueFormat): boolean => NAMES[format]!.test(name);
  if (whole && min >= 1000 && max <= 2999 && isNamed('year')) return 'year';
  if (min >= -90 && max <= 90 && isNamed('latitude')) return 'latitude';
  if (min >= -180 && max <= 180 && isNamed('longitude')) return 'longitude';
  return null;
};
