/** Geometries of GeoJSON (RFC 7946) as well-known text. */

type Position = readonly number[];

/** A geometry as WKT, and where a point is; undefined for what is none. Empty coordinates are `EMPTY`. */
export const geometryOf = (value: unknown): { wkt: string; point?: readonly [number, number] } | undefined => {
  const wkt = wktOf(value, 0);
  if (wkt === undefined) return undefined;
  const { type, coordinates } = value as { type: string; coordinates: Position };
  return type === 'Point' && coordinates.length >= 2 ? { wkt, point: [coordinates[0]!, coordinates[1]!] } : { wkt };
};

/** Levels of lists around the positions. */
const LEVELS: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

const wktOf = (value: unknown, depth: number): string | undefined => {
  if (typeof value !== 'object' || value === null || depth > 10) return undefined;
  const { type, coordinates, geometries } = value as Record<string, unknown>;
  if (type === 'GeometryCollection') {
    if (!Array.isArray(geometries)) return undefined;
    const parts = geometries.map((one) => wktOf(one, depth + 1));
    if (parts.includes(undefined)) return undefined;
    return parts.length === 0 ? 'GEOMETRYCOLLECTION EMPTY' : `GEOMETRYCOLLECTION (${parts.join(', ')})`;
  }
  const levels = typeof type === 'string' && Object.hasOwn(LEVELS, type) ? LEVELS[type] : undefined;
  if (levels === undefined || !Array.isArray(coordinates)) return undefined;
  const name = (type as string).toUpperCase();
  if (coordinates.length === 0) return `${name} EMPTY`;
  const sizes = new Set<number>();
  const isPoints = type === 'MultiPoint';
  const points = isPoints ? coordinates.map((one) => [one]) : coordinates;
  const text = levels === 0 ? positionText(points, sizes) : listText(points, isPoints ? 2 : levels, sizes);
  // A geometry has two or three dimensions; more than three numbers have no meaning that RFC 7946 knows.
  if (text === undefined || sizes.size > 1) return undefined;
  return `${name}${sizes.has(3) ? ' Z' : ''} ${levels === 0 ? `(${text})` : text}`;
};

const positionText = (position: unknown, sizes: Set<number>): string | undefined => {
  if (!Array.isArray(position) || position.length < 2 || position.length > 3) return undefined;
  if (!position.every((one) => typeof one === 'number' && Number.isFinite(one))) return undefined;
  sizes.add(position.length);
  return position.join(' ');
};

const listText = (list: unknown, levels: number, sizes: Set<number>): string | undefined => {
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return 'EMPTY';
  const parts = list.map((one) => (levels === 1 ? positionText(one, sizes) : listText(one, levels - 1, sizes)));
  return parts.includes(undefined) ? undefined : `(${parts.join(', ')})`;
};
