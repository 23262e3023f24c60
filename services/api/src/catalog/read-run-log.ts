import type { ObjectReader } from '@granary/domain/ports/object-store';
import type { RunLogLine } from '@granary/domain/ports/run-log';

/** Objects that are read at once. */
const TOGETHER = 10;
/** An answer of Lambda may have 6 MB, this one is JSON of about the same lines. */
const ENOUGH_BYTES = 3 * 2 ** 20;

/**
 * Lines of up to `limit` objects below `prefix`, from the one after the name `after` ('' for the first), in order of
 * time. `last` is the name of the last object read, or null when there is none behind it. Fewer are read when there is
 * much in them.
 */
export const readRunLog = async (
  objects: Pick<ObjectReader, 'get' | 'list'>,
  prefix: string,
  { after, limit }: { after: string; limit: number },
): Promise<{ lines: RunLogLine[]; last: string | null }> => {
  const names = (await objects.list(prefix)).map((key) => key.slice(prefix.length)).filter((name) => name > after);
  const asked = names.slice(0, limit);
  const lines: RunLogLine[] = [];
  let bytes = 0;
  let read = 0;
  while (read < asked.length && bytes < ENOUGH_BYTES) {
    const bodies = await Promise.all(asked.slice(read, read + TOGETHER).map((name) => objects.get(prefix + name)));
    for (const body of bodies) {
      if (bytes >= ENOUGH_BYTES) break;
      read += 1;
      // Gone since it was listed: it expired.
      if (!body) continue;
      bytes += body.byteLength;
      for (const line of Buffer.from(body).toString().split('\n')) lines.push(...parsed(line));
    }
  }
  lines.sort((one, other) => (one.time < other.time ? -1 : Number(one.time > other.time)));
  return { lines, last: read < names.length ? (names[read - 1] ?? null) : null };
};

/** A line that cannot be read, one that was cut for example, is left out: the others are worth reading. */
const parsed = (text: string): RunLogLine[] => {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? [line] : [];
  } catch {
    return [];
  }
};

const isLine = (line: unknown): line is RunLogLine =>
  typeof line === 'object' &&
  line !== null &&
  (['time', 'level', 'message'] as const).every((name) => typeof (line as RunLogLine)[name] === 'string');
