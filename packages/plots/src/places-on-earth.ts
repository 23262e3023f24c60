/**
 * Columns that are longitude and latitude in degrees, and how they are drawn as a map is: a degree north as long as a
 * degree east there.
 */
import type { Field } from '@granary/tabular/table';

const LONGITUDE = /^(lon|lng|long|longitude)$|_(lon|lng|longitude)$/;
const LATITUDE = /^(lat|latitude)$|_(lat|latitude)$/;

export const isLongitude = ({ name, type }: Field): boolean => type === 'double' && LONGITUDE.test(name);
export const isLatitude = ({ name, type }: Field): boolean => type === 'double' && LATITUDE.test(name);

/** Whether what is drawn are places on a map. */
export const isMap = ({ x, y }: { x: Field; y: Field | null }): boolean =>
  y !== null && isLongitude(x) && isLatitude(y);

type Place = { x: unknown; y: number | null };
export type Extent = [least: number, most: number];

const degrees = (value: number, [positive, negative]: string): string =>
  `${Number(Math.abs(value).toFixed(4))}°${value > 0 ? positive : value < 0 ? negative : ''}`;

/** From where to where places lie, in words; undefined where one is not on the earth. */
export const boundsOf = (places: readonly Place[]): string | undefined => {
  const known = onEarth(places);
  if (!known) return undefined;
  const [west, east] = ends(known.map(({ x }) => x)).map((x) => degrees(x, 'EW'));
  const [south, north] = ends(known.map(({ y }) => y)).map((y) => degrees(y, 'NS'));
  return `from ${west} to ${east} and from ${south} to ${north}`;
};

/** The same in Vega's words, for axes. */
export const DEGREES = {
  x: "format(abs(datum.value), '~f') + '°' + (datum.value < 0 ? 'W' : datum.value > 0 ? 'E' : '')",
  y: "format(abs(datum.value), '~f') + '°' + (datum.value < 0 ? 'S' : datum.value > 0 ? 'N' : '')",
} as const;

/**
 * What of the earth is drawn in so many pixels, with a margin around the places; null where there is none, or where one
 * is not on the earth: these are no degrees then.
 */
export const extentOf = (
  places: readonly Place[],
  { width, height }: { width: number; height: number },
): { x: Extent; y: Extent } | null => {
  const known = onEarth(places);
  if (!known) return null;
  const [west, east] = ends(known.map(({ x }) => x));
  const [south, north] = ends(known.map(({ y }) => y));
  // Near the poles a degree east is as good as nothing.
  const shrink = Math.max(0.2, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const wide = Math.max((east - west) * shrink, LEAST_DEGREES) * MARGIN;
  const high = Math.max(north - south, LEAST_DEGREES) * MARGIN;
  const perPixel = Math.max(wide / width, high / height);
  return {
    x: around((west + east) / 2, (perPixel * width) / shrink),
    y: around((south + north) / 2, perPixel * height),
  };
};

const onEarth = (places: readonly Place[]): { x: number; y: number }[] | null => {
  const known = places.filter(({ y }) => y !== null) as { x: number; y: number }[];
  return known.length > 0 && known.every(({ x, y }) => Math.abs(x) <= 180 && Math.abs(y) <= 90) ? known : null;
};

const LEAST_DEGREES = 0.01;
const MARGIN = 1.08;

const ends = (values: readonly number[]): Extent =>
  values.reduce<Extent>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );

/** Six digits after the point are a tenth of a metre. */
const around = (middle: number, length: number): Extent => [
  Number((middle - length / 2).toFixed(6)),
  Number((middle + length / 2).toFixed(6)),
];
