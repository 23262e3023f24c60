import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Dimensions = Readonly<Record<string, string>>;
export type MetricId = { namespace: string; name: string; dimensions: Dimensions };
/** `values`: each with how often it was measured. */
export type Datum = MetricId & {
  at: number;
  unit?: string;
  values: readonly (readonly [value: number, count: number])[];
};

/**
 * What was measured of a metric in a step of time. `values` are rounded to three digits: of percentiles, half a percent
 * is lost.
 */
export type MetricPoint = {
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  values: Map<number, number>;
};

/** Steps of time are this long, ms, and longer ones when they have become old. */
export const STEP_MS = 10_000;
const COARSE_MS = 300_000;
const FINE_FOR_MS = 3 * 3_600_000;
const KEPT_FOR_MS = 15 * 86_400_000;

const rounded = (value: number): number =>
  Number.isInteger(value) && Math.abs(value) < 1000 ? value : Number(value.toPrecision(3));
const startOf = (at: number, step: number) => Math.floor(at / step) * step;
const emptyPoint = (at: number): MetricPoint => ({
  at,
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  values: new Map(),
});

const addValue = (point: MetricPoint, value: number, count: number): void => {
  point.count += count;
  point.sum += value * count;
  point.min = Math.min(point.min, value);
  point.max = Math.max(point.max, value);
  const near = rounded(value);
  point.values.set(near, (point.values.get(near) ?? 0) + count);
};

export const addPoint = (into: MetricPoint, from: MetricPoint): void => {
  into.count += from.count;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  for (const [value, count] of from.values) into.values.set(value, (into.values.get(value) ?? 0) + count);
};

const keyOf = ({ namespace, name, dimensions }: MetricId) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
const idOf = (key: string): MetricId => {
  const [namespace, name, dimensions] = JSON.parse(key) as [string, string, [string, string][]];
  return { namespace, name, dimensions: Object.fromEntries(dimensions) };
};

type Row = { at: number; count: number; sum: number; min: number; max: number; counted: string };
const pointOf = ({ at, count, sum, min, max, counted }: Row): MetricPoint => ({
  ...{ at, count, sum, min, max },
  values: new Map(JSON.parse(counted) as [number, number][]),
});

/**
 * What was measured, in an SQLite file under `dir`: three hours in steps of ten seconds, fifteen days in steps of five
 * minutes. It is on the disk when `flush` returns; a process that is killed loses what came since.
 */
export const openMetricStore = (dir: string) => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(dir, 'metrics.sqlite'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, unit TEXT, newest INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS points (metric INTEGER NOT NULL, at INTEGER NOT NULL, step INTEGER NOT NULL, count REAL NOT NULL,
      sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL, counted TEXT NOT NULL, PRIMARY KEY (metric, at, step)) WITHOUT ROWID;`);
  const find = db.prepare('SELECT id FROM metrics WHERE key = ?');
  const insertMetric = db.prepare('INSERT INTO metrics (key, unit, newest) VALUES (?, ?, ?) RETURNING id');
  const touch = db.prepare('UPDATE metrics SET newest = max(newest, ?) WHERE id = ?');
  const COLUMNS = 'at, count, sum, min, max, counted';
  const readPoint = db.prepare(`SELECT ${COLUMNS} FROM points WHERE metric = ? AND at = ? AND step = ?`);
  const readPoints = db.prepare(`SELECT ${COLUMNS} FROM points WHERE metric = ? AND at > ? AND at < ? ORDER BY at`);
  const writePoint = db.prepare(
    `INSERT OR REPLACE INTO points (metric, step, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const save = (metric: number, step: number, { at, count, sum, min, max, values }: MetricPoint) =>
    writePoint.run(metric, step, at, count, sum, min, max, JSON.stringify([...values]));
  const saved = (metric: number, at: number, step: number): MetricPoint => {
    const row = readPoint.get(metric, at, step) as Row | undefined;
    return row ? pointOf(row) : emptyPoint(at);
  };
  const atOnce = (work: () => void) => {
    db.exec('BEGIN');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };

  /** What came since it was last written. */
  let pending = new Map<string, { unit: string | undefined; points: Map<number, MetricPoint> }>();

  const flush = (): void => {
    if (pending.size === 0) return;
    const writing = pending;
    atOnce(() => {
      for (const [key, { unit, points }] of writing) {
        const newest = Math.max(...points.keys());
        const found = find.get(key) as { id: number } | undefined;
        const { id } = found ?? (insertMetric.get(key, unit ?? null, newest) as { id: number });
        if (found) touch.run(newest, id);
        for (const point of points.values()) {
          const all = saved(id, point.at, STEP_MS);
          addPoint(all, point);
          save(id, STEP_MS, all);
        }
      }
    });
    pending = new Map();
  };

  return {
    put({ at, unit, values, ...metric }: Datum): void {
      const key = keyOf(metric);
      const known = pending.get(key) ?? { unit, points: new Map<number, MetricPoint>() };
      pending.set(key, known);
      const start = startOf(at, STEP_MS);
      const point = known.points.get(start) ?? emptyPoint(start);
      known.points.set(start, point);
      for (const [value, count] of values) addValue(point, value, count);
    },
    flush,
    /** Points that begin from `from` on and before `to`, ms, in order. */
    points(metric: MetricId, from: number, to: number): MetricPoint[] {
      flush();
      const found = find.get(keyOf(metric)) as { id: number } | undefined;
      return found ? (readPoints.all(found.id, from - 1, to) as Row[]).map(pointOf) : [];
    },
    metrics(): (MetricId & { newest: number })[] {
      flush();
      const rows = db.prepare('SELECT key, newest FROM metrics ORDER BY key').all() as {
        key: string;
        newest: number;
      }[];
      return rows.map(({ key, newest }) => ({ ...idOf(key), newest }));
    },
    /** Makes long steps of what is older than three hours, and forgets what is older than fifteen days. */
    tidy(now: number): void {
      flush();
      const old = startOf(now - FINE_FOR_MS, COARSE_MS);
      atOnce(() => {
        const rows = db
          .prepare(`SELECT metric, ${COLUMNS} FROM points WHERE step = ? AND at < ?`)
          .all(STEP_MS, old) as (Row & { metric: number })[];
        const long = new Map<string, { metric: number; point: MetricPoint }>();
        for (const row of rows) {
          const at = startOf(row.at, COARSE_MS);
          const key = `${row.metric}/${at}`;
          const known = long.get(key) ?? { metric: row.metric, point: saved(row.metric, at, COARSE_MS) };
          long.set(key, known);
          addPoint(known.point, pointOf(row));
        }
        for (const { metric, point } of long.values()) save(metric, COARSE_MS, point);
        db.prepare('DELETE FROM points WHERE step = ? AND at < ?').run(STEP_MS, old);
        db.prepare('DELETE FROM points WHERE at < ?').run(now - KEPT_FOR_MS);
        db.prepare('DELETE FROM metrics WHERE newest < ?').run(now - KEPT_FOR_MS);
      });
    },
    close(): void {
      flush();
      db.close();
    },
  };
};

export type MetricStore = ReturnType<typeof openMetricStore>;
