/** The queries of the reading benchmark, in the words of every contender. */

type Row = Record<string, string | number | boolean | null>;

export type Case = {
  name: 'key' | 'other' | 'group' | 'top' | 'scan';
  what: string;
  query(rows: number): string;
  sql(rows: number): string;
  js(all: Row[], rows: number): unknown;
};

export const BUCKET = 'bench';
export const keyOf = (rows: number): string => `query-${rows}.parquet`;

/** A row group's middle, at any size of the table. */
const from = (rows: number): number => rows / 2 + 3000;

const station = 'EST-00042';

export const CASES: readonly Case[] = [
  {
    name: 'key',
    what: 'filter on the sort key, limit 100',
    query: (rows) => `id=gte.${from(rows)}&limit=100`,
    sql: (rows) => `SELECT * FROM t WHERE id >= ${from(rows)} LIMIT 100`,
    js: (all, rows) => {
      const found: Row[] = [];
      for (const row of all) {
        if ((row.id as number) >= from(rows)) found.push(row);
        if (found.length === 100) break;
      }
      return found;
    },
  },
  {
    name: 'other',
    what: 'filter on another column, limit 100',
    query: () => `station=eq.${station}&limit=100`,
    sql: () => `SELECT * FROM t WHERE station = '${station}' LIMIT 100`,
    js: (all) => {
      const found: Row[] = [];
      for (const row of all) {
        if (row.station === station) found.push(row);
        if (found.length === 100) break;
      }
      return found;
    },
  },
  {
    name: 'group',
    what: 'group-by of 6: count, sum',
    query: () => 'select=category,count(),quantity.sum()&order=category',
    sql: () => 'SELECT category, count(*), sum(quantity) FROM t GROUP BY category ORDER BY category',
    js: (all) => {
      const groups = new Map<string, { category: string; count: number; sum: number }>();
      for (const row of all) {
        const category = row.category as string;
        const group = groups.get(category) ?? { category, count: 0, sum: 0 };
        groups.set(category, group);
        group.count++;
        group.sum += row.quantity as number;
      }
      return [...groups.values()];
    },
  },
  {
    name: 'top',
    what: 'order by another column, limit 100',
    query: () => 'order=price.desc&limit=100',
    sql: () => 'SELECT * FROM t ORDER BY price DESC LIMIT 100',
    js: (all) => [...all].sort((a, b) => (b.price as number) - (a.price as number)).slice(0, 100),
  },
  {
    name: 'scan',
    what: 'count by a pattern of text',
    query: () => 'note=ilike.*TARDIA*&country=eq.Chile&select=count()',
    sql: () => "SELECT count(*) FROM t WHERE note ILIKE '%TARDIA%' AND country = 'Chile'",
    js: (all) => [
      {
        count: all.filter((row) => row.country === 'Chile' && /tardia/i.test((row.note as string | null) ?? '')).length,
      },
    ],
  },
];
