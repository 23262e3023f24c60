import { randomBytes } from 'node:crypto';
import type { Persistence, S3Store, StoredObject } from './fauxqs-internals.ts';

/** As the rule of services/storage says for the data bucket: what was overwritten or deleted is kept for so long. */
const KEPT_DAYS = 30;
/** Of an object that was put before its bucket had versions. */
const UNNAMED = 'null';

/** A row of fauxqs' objects that is no longer the current one, or a marker of a deletion. */
export type OldVersion = Record<string, string | number | null | Uint8Array> & {
  rowid: number;
  key: string;
  version_id: string;
  marker: number;
  body: Uint8Array;
  last_modified: string;
  etag: string;
  metadata: string;
};
export type ListedVersion = {
  key: string;
  version_id: string;
  marker: number;
  /** ISO 8601. */
  last_modified: string;
  etag: string;
  content_length: number;
  latest: boolean;
};

const newId = () => randomBytes(24).toString('base64url');

/** As fauxqs has it in memory: without the body, which is read from the table. */
const objectOf = (row: OldVersion): StoredObject =>
  ({
    key: row.key,
    body: Buffer.alloc(0),
    contentType: row.content_type,
    contentLength: row.content_length,
    etag: row.etag,
    lastModified: new Date(row.last_modified),
    metadata: JSON.parse(row.metadata),
    ...(row.content_language && { contentLanguage: row.content_language }),
    ...(row.content_disposition && { contentDisposition: row.content_disposition }),
    ...(row.cache_control && { cacheControl: row.cache_control }),
    ...(row.content_encoding && { contentEncoding: row.content_encoding }),
    ...(row.parts && { parts: JSON.parse(row.parts as string) }),
    ...(row.checksum_algorithm && { checksumAlgorithm: row.checksum_algorithm }),
    ...(row.checksum_value && { checksumValue: row.checksum_value }),
    ...(row.checksum_type && { checksumType: row.checksum_type }),
    ...(row.part_checksums && { partChecksums: JSON.parse(row.part_checksums as string) }),
  }) as StoredObject;

/** Releases before 2026-12 called the tables so; what is in them stays. */
const FORMER_PREFIX = 'granary_s3_';
const renameFormerTables = (db: Persistence['db']): void => {
  const isThere = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  for (const name of ['versioned', 'current', 'old']) {
    const former = `${FORMER_PREFIX}${name}`;
    if (isThere.get(former) && !isThere.get(`kept_${name}`)) db.exec(`ALTER TABLE ${former} RENAME TO kept_${name}`);
  }
  // It went with its table, under the name of before.
  db.exec(`DROP INDEX IF EXISTS ${FORMER_PREFIX}old_key`);
};

/**
 * Versions of objects, which fauxqs has none of, in tables of its own beside fauxqs' in the same file: whatever
 * overwrites or deletes the current object of a bucket with versions first puts it aside. The order of rows is that of
 * time. Versions that stopped being current more than 30 days ago are forgotten at start.
 */
export const keepVersions = (store: S3Store, persistence: Persistence) => {
  const { db } = persistence;
  renameFormerTables(db);
  db.exec(`
    CREATE TABLE IF NOT EXISTS kept_versioned (bucket TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS kept_current (
      bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL, PRIMARY KEY (bucket, key));
    CREATE TABLE IF NOT EXISTS kept_old AS
      SELECT '' AS version_id, 0 AS marker, '' AS put_aside, * FROM s3_objects WHERE FALSE;
    CREATE INDEX IF NOT EXISTS kept_old_key ON kept_old (bucket, key);
  `);
  const forgotten = new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString();
  db.prepare('DELETE FROM kept_old WHERE put_aside < ?').run(forgotten);

  const putAside = db.prepare(`
    INSERT INTO kept_old
    SELECT COALESCE(c.version_id, '${UNNAMED}'), 0, ?, o.* FROM s3_objects o
    LEFT JOIN kept_current c ON c.bucket = o.bucket AND c.key = o.key WHERE o.bucket = ? AND o.key = ?`);
  const setCurrent = db.prepare('INSERT OR REPLACE INTO kept_current VALUES (?, ?, ?)');
  const unsetCurrent = db.prepare('DELETE FROM kept_current WHERE bucket = ? AND key = ?');
  const putMarker = db.prepare(`
    INSERT INTO kept_old (
      version_id, marker, put_aside, bucket, key, body, content_type, content_length, etag, last_modified, metadata)
    VALUES (?, 1, ?, ?, ?, '', '', 0, '', ?, '{}')`);
  const currentOf = db.prepare(`
    SELECT COALESCE(c.version_id, '${UNNAMED}') AS version_id FROM s3_objects o
    LEFT JOIN kept_current c ON c.bucket = o.bucket AND c.key = o.key WHERE o.bucket = ? AND o.key = ?`);
  const oldOf = db.prepare(
    'SELECT rowid, * FROM kept_old WHERE bucket = ? AND key = ? AND version_id = ? ORDER BY rowid DESC LIMIT 1',
  );
  const newestOld = db.prepare(
    'SELECT rowid, * FROM kept_old WHERE bucket = ? AND key = ? ORDER BY rowid DESC LIMIT 1',
  );
  const dropOld = db.prepare('DELETE FROM kept_old WHERE rowid = ?');
  const anyOld = db.prepare('SELECT 1 FROM kept_old WHERE bucket = ? LIMIT 1');
  const columns = db
    .prepare("SELECT name FROM pragma_table_info('s3_objects')")
    .all()
    .map(({ name }) => name)
    .join(', ');
  const makeCurrent = db.prepare(`INSERT INTO s3_objects (${columns}) SELECT ${columns} FROM kept_old WHERE rowid = ?`);
  const list = db.prepare(`
    SELECT o.key, COALESCE(c.version_id, '${UNNAMED}') AS version_id, 0 AS marker, o.last_modified, o.etag,
      o.content_length, 9e15 AS age FROM s3_objects o
      LEFT JOIN kept_current c ON c.bucket = o.bucket AND c.key = o.key
      WHERE o.bucket = ?1 AND substr(o.key, 1, length(?2)) = ?2 AND o.key >= ?3
    UNION ALL
    SELECT key, version_id, marker, last_modified, etag, content_length, rowid AS age FROM kept_old
      WHERE bucket = ?1 AND substr(key, 1, length(?2)) = ?2 AND key >= ?3
    ORDER BY 1, age DESC`);

  const versioned = new Set(
    db
      .prepare('SELECT bucket FROM kept_versioned')
      .all()
      .map(({ bucket }) => bucket as string),
  );
  /** A savepoint: completing an upload in parts is a transaction of fauxqs already. */
  const atOnce = <T>(work: () => T): T => {
    db.exec('SAVEPOINT keep_versions');
    try {
      const done = work();
      db.exec('RELEASE keep_versions');
      return done;
    } catch (error) {
      db.exec('ROLLBACK TO keep_versions');
      db.exec('RELEASE keep_versions');
      throw error;
    }
  };

  const upsert = persistence.upsertObject.bind(persistence);
  persistence.upsertObject = (bucket, object) => {
    if (!versioned.has(bucket)) return upsert(bucket, object);
    atOnce(() => {
      putAside.run(new Date().toISOString(), bucket, object.key);
      upsert(bucket, object);
      setCurrent.run(bucket, object.key, newId());
    });
  };
  const remove = persistence.deleteObject.bind(persistence);
  persistence.deleteObject = (bucket, key) => {
    if (!versioned.has(bucket)) return remove(bucket, key);
    const now = new Date().toISOString();
    atOnce(() => {
      putAside.run(now, bucket, key);
      remove(bucket, key);
      unsetCurrent.run(bucket, key);
      putMarker.run(newId(), now, bucket, key, now);
    });
  };
  const removeBucket = persistence.deleteBucket.bind(persistence);
  persistence.deleteBucket = (bucket) => {
    removeBucket(bucket);
    db.prepare('DELETE FROM kept_versioned WHERE bucket = ?').run(bucket);
    versioned.delete(bucket);
  };

  const isCurrent = (bucket: string, key: string, version: string) =>
    currentOf.get(bucket, key)?.version_id === version;
  const find = (bucket: string, key: string, version: string) =>
    oldOf.get(bucket, key, version) as unknown as OldVersion | undefined;

  /** For good. What was there before it is current again, unless that is a marker. */
  const deleteVersion = (bucket: string, key: string, version: string): boolean => {
    const old = isCurrent(bucket, key, version) ? undefined : find(bucket, key, version);
    const marker = old?.marker === 1;
    atOnce(() => {
      if (old) dropOld.run(old.rowid);
      else if (isCurrent(bucket, key, version)) {
        remove(bucket, key);
        unsetCurrent.run(bucket, key);
        store.buckets.get(bucket)?.delete(key);
      }
      const next = newestOld.get(bucket, key) as unknown as OldVersion | undefined;
      if (currentOf.get(bucket, key) || !next || next.marker === 1) return;
      makeCurrent.run(next.rowid);
      setCurrent.run(bucket, key, next.version_id);
      dropOld.run(next.rowid);
      store.buckets.get(bucket)?.set(key, objectOf(next));
    });
    return marker;
  };

  return {
    enable(bucket: string): void {
      db.prepare('INSERT OR IGNORE INTO kept_versioned VALUES (?)').run(bucket);
      versioned.add(bucket);
    },
    isEnabled: (bucket: string) => versioned.has(bucket),
    /** Whether anything that is not current lies in the bucket, which keeps it from being deleted. */
    hasOld: (bucket: string) => anyOld.get(bucket) !== undefined,
    isCurrent,
    find,
    deleteVersion,
    /** Of the keys from `from` on that begin with the prefix, the newest of each first. */
    list: (bucket: string, prefix: string, from: string): ListedVersion[] =>
      (list.all(bucket, prefix, from) as unknown as ListedVersion[]).map((one, index, rows) => ({
        ...one,
        latest: rows[index - 1]?.key !== one.key,
      })),
    /** The object becomes what an old version was. */
    copy(bucket: string, key: string, version: OldVersion): StoredObject {
      const object = { ...objectOf(version), key, lastModified: new Date() };
      persistence.upsertObject(bucket, { ...object, body: Buffer.from(version.body) } as StoredObject);
      store.buckets.get(bucket)!.set(key, object);
      return object;
    },
  };
};
export type VersionStore = ReturnType<typeof keepVersions>;
