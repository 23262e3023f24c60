import { describe, expect, it } from '@jest/globals';
import { readJsonText } from '../testing/read-json-text.ts';

describe('GeoJSON', () => {
  const feature = (geometry: unknown, properties: unknown = { name: 'x' }, rest = {}) => ({
    type: 'Feature',
    ...rest,
    properties,
    geometry,
  });
  const collection = (features: unknown[], rest = {}) =>
    JSON.stringify({ type: 'FeatureCollection', ...rest, features });
  const POINT = { type: 'Point', coordinates: [-7.93, 37.02] };

  it('has the properties of its features, their geometry as WKT, and where points are', async () => {
    const { columns, rows } = await readJsonText(
      collection([
        feature(POINT, { name: 'Faro' }, { id: 'f1' }),
        feature(
          {
            type: 'Polygon',
            coordinates: [
              [
                [0, 0],
                [1, 0],
                [1, 1.5],
                [0, 0],
              ],
            ],
          },
          { name: 'Field' },
        ),
        feature(null, { name: 'Nowhere' }),
        feature(
          {
            type: 'MultiPoint',
            coordinates: [
              [1, 2, 3],
              [4, 5, 6],
            ],
          },
          { name: 'Posts' },
        ),
        feature({ type: 'GeometryCollection', geometries: [POINT, { type: 'LineString', coordinates: [] }] }, null),
      ]),
    );
    expect(columns).toEqual(['name: string', 'id: string', 'geometry: string', 'lon: double', 'lat: double']);
    expect(rows).toEqual([
      ['Faro', 'f1', 'POINT (-7.93 37.02)', -7.93, 37.02, 1],
      ['Field', null, 'POLYGON ((0 0, 1 0, 1 1.5, 0 0))', null, null, 2],
      ['Nowhere', null, null, null, null, 3],
      ['Posts', null, 'MULTIPOINT Z ((1 2 3), (4 5 6))', null, null, 4],
      [null, null, 'GEOMETRYCOLLECTION (POINT (-7.93 37.02), LINESTRING EMPTY)', null, null, 5],
    ]);
  });

  it('may have a feature on each line, or lie where a path says', async () => {
    const lines = [feature(POINT), feature(POINT)].map((one) => JSON.stringify(one)).join('\n');
    expect((await readJsonText(lines)).columns).toEqual([
      'name: string',
      'geometry: string',
      'lon: double',
      'lat: double',
    ]);
    const nested = `{"result":${collection([feature(POINT)])}}`;
    expect((await readJsonText(nested, { records: '$.result.features[*]' })).columns).toHaveLength(4);
  });

  it('has no longitudes where its coordinates are of another system, and says so', async () => {
    const crs = { crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3763' } } };
    const declared = await readJsonText(collection([feature(POINT)], crs));
    expect(declared.columns).toEqual(['name: string', 'geometry: string']);
    expect(declared.reading.without_places).toMatch(/of another system: .*3763/);
    const far = await readJsonText(collection([feature({ type: 'Point', coordinates: [-20_000, 150_000] })]));
    expect(far.columns).toEqual(['name: string', 'geometry: string']);
  });

  it('has its odd features in quarantine', async () => {
    const odd = [
      { type: 'Circle', coordinates: [1, 2] },
      { type: 'Point', coordinates: ['1', 2] },
      {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [1, 2, 3],
        ],
      },
    ];
    const { rows, quarantine } = await readJsonText(
      collection([...odd.map((one) => feature(one)), { type: 'Thing', properties: {} }, feature(POINT)]),
    );
    expect(rows).toHaveLength(1);
    expect(quarantine.map(({ reason }) => reason)).toEqual([
      ...Array(3).fill('its geometry is none that GeoJSON knows'),
      'its type is not "Feature"',
    ]);
  });
});
