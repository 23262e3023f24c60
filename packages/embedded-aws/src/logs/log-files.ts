import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../atomic-json-store.ts';

/** Times are ms since the epoch. */
export type StoredLogGroup = { name: string; created: number; retention_days?: number };
export type LogStream = { name: string; created: number };
/** `seq` counts the events of a stream in the order in which they came. */
export type StoredLogEvent = { seq: number; timestamp: number; ingested: number; message: string };
/** A line of a stream's file: one PutLogEvents, so that it is there as a whole or not at all. */
type Batch = { i: number; e: readonly (readonly [timestamp: number, message: string])[] };
export type StreamFacts = { events: number; bytes: number; first?: number; last?: number; ingested?: number };

const NEWLINE = 10;

/** A file name for any name of a group or stream, on file systems without case too. */
const fileNameOf = (name: string): string =>
  `${name.replace(/[^\w-]+/g, '_').slice(0, 40)}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;

/** Where the last whole line of a file ends. */
const endOfLines = (file: number): number => {
  const chunk = Buffer.alloc(64 << 10);
  let end = fstatSync(file).size;
  while (end > 0) {
    const start = Math.max(0, end - chunk.length);
    const found = chunk.subarray(0, readSync(file, chunk, 0, end - start, start)).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
};

/**
 * The batches of a file from `start` on, one after the other, and where the last of them ends. A line that is cut is
 * not given.
 */
function* batchesFrom(path: string, start: number): Generator<{ batch: Batch; end: number }> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 20);
    let rest = Buffer.alloc(0);
    let end = start;
    for (let at = start; ; ) {
      const read = readSync(file, chunk, 0, chunk.length, at);
      if (read === 0) return;
      at += read;
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let line = rest.indexOf(NEWLINE); line >= 0; line = rest.indexOf(NEWLINE)) {
        end += line + 1;
        const batch = parseBatch(rest.toString('utf8', 0, line));
        rest = rest.subarray(line + 1);
        if (batch) yield { batch, end };
      }
    }
  } finally {
    closeSync(file);
  }
}

const parseBatch = (line: string): Batch | undefined => {
  try {
    return JSON.parse(line);
  } catch {
    // A disk without power may leave anything in place of a line; the others are still to be read.
    return undefined;
  }
};

/**
 * Log groups and streams under `dir`: a folder for each group, a folder in it for each stream, and in that a file to
 * which every batch of events is appended as one line. A process that is killed while it writes leaves a cut last line,
 * which the next one drops.
 */
export const openLogFiles = (dir: string) => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const groupDir = (group: string) => join(dir, fileNameOf(group));
  const streamDir = (group: string, stream: string) => join(groupDir(group), fileNameOf(stream));
  const eventsFile = (group: string, stream: string) => join(streamDir(group, stream), 'events.ndjson');
  const describe = <T>(folder: string, file: string): T | undefined => {
    const path = join(folder, file);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
  };
  const within = <T extends { name: string }>(folder: string, file: string): T[] =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .flatMap((entry) => describe<T>(join(folder, entry.name), file) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));

  /** Files whose last line is known to be whole. */
  const whole = new Set<string>();
  /** What was counted of a file up to `end`; only what came since is read again. */
  const counted = new Map<string, StreamFacts & { end: number }>();
  // A group that was being removed when the process was killed.
  for (const name of readdirSync(dir)) if (name.startsWith('.')) rmSync(join(dir, name), { recursive: true });

  return {
    groups: () => within<StoredLogGroup>(dir, 'group.json'),
    group: (name: string) => describe<StoredLogGroup>(groupDir(name), 'group.json'),
    putGroup(group: StoredLogGroup): void {
      mkdirSync(groupDir(group.name), { recursive: true });
      writeAtomically(join(groupDir(group.name), 'group.json'), JSON.stringify(group));
    },
    removeGroup(name: string): void {
      const going = join(dir, `.${fileNameOf(name)}`);
      renameSync(groupDir(name), going);
      for (const path of [...whole, ...counted.keys()]) {
        if (!path.startsWith(groupDir(name))) continue;
        whole.delete(path);
        counted.delete(path);
      }
      rmSync(going, { recursive: true });
    },
    streams: (group: string) => within<LogStream>(groupDir(group), 'stream.json'),
    stream: (group: string, name: string) => describe<LogStream>(streamDir(group, name), 'stream.json'),
    putStream(group: string, stream: LogStream): void {
      mkdirSync(streamDir(group, stream.name), { recursive: true });
      writeAtomically(join(streamDir(group, stream.name), 'stream.json'), JSON.stringify(stream));
    },

    /** Appends a batch without reading what is there. */
    append(group: string, stream: string, ingested: number, events: Batch['e']): void {
      const path = eventsFile(group, stream);
      const line = Buffer.from(`${JSON.stringify({ i: ingested, e: events } satisfies Batch)}\n`);
      const file = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
      try {
        const end = whole.has(path) ? fstatSync(file).size : endOfLines(file);
        whole.delete(path);
        ftruncateSync(file, end);
        for (let written = 0; written < line.length; ) {
          written += writeSync(file, line, written, line.length - written, end + written);
        }
        whole.add(path);
      } finally {
        closeSync(file);
      }
    },

    /** All events of a stream in the order of their timestamps, those of one millisecond as they came. */
    read(group: string, stream: string): StoredLogEvent[] {
      const events: StoredLogEvent[] = [];
      for (const { batch } of batchesFrom(eventsFile(group, stream), 0)) {
        for (const [timestamp, message] of batch.e) {
          events.push({ seq: events.length, timestamp, ingested: batch.i, message });
        }
      }
      return events.sort((a, b) => a.timestamp - b.timestamp || a.seq - b.seq);
    },

    facts(group: string, stream: string): StreamFacts {
      const path = eventsFile(group, stream);
      let facts = counted.get(path) ?? { events: 0, bytes: 0, end: 0 };
      for (const { batch, end } of batchesFrom(path, facts.end)) {
        const times = batch.e.map(([timestamp]) => timestamp);
        facts = {
          events: facts.events + batch.e.length,
          bytes: facts.bytes + batch.e.reduce((sum, [, message]) => sum + Buffer.byteLength(message) + 26, 0),
          first: Math.min(facts.first ?? Number.POSITIVE_INFINITY, ...times),
          last: Math.max(facts.last ?? 0, ...times),
          ingested: Math.max(facts.ingested ?? 0, batch.i),
          end,
        };
      }
      counted.set(path, facts);
      return facts;
    },
  };
};

export type LogFiles = ReturnType<typeof openLogFiles>;
