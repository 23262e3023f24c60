/** The parts of an Office Open XML file, inflated as they are read. */
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReader, type Options, RandomAccessReader, type ZipFile } from 'yauzl';
import { UnreadableWorkbook } from '../unreadable-workbook.ts';

const PIECE = 1 << 16;
const INFLATED = 1 << 18;
const DEFLATED = 8;
/** So many parts has no workbook: it would take long to list them. */
const MOST_PARTS = 10_000;

export type ZipParts = {
  has(name: string): boolean;
  /** Throws UnreadableWorkbook for a part that is damaged. */
  read(name: string): AsyncGenerator<Uint8Array>;
};

/** A file of which pieces are read; `to` is exclusive. */
export type FileInPieces = { bytes: number; read(from: number, to: number): Uint8Array };

class PieceReader extends RandomAccessReader {
  readonly #file: FileInPieces;

  constructor(file: FileInPieces) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const file = this.#file;
    const pieces = function* (): Generator<Uint8Array> {
      for (let at = start; at < end; at += PIECE) yield file.read(at, Math.min(at + PIECE, end));
    };
    return Readable.from(pieces(), { objectMode: false });
  }
}

const fromReader = promisify<RandomAccessReader, number, Options, ZipFile>(fromRandomAccessReader as never);

const entriesOf = (zip: ZipFile): Promise<Map<string, Entry>> =>
  new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('error', reject);
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry);
      if (entries.size > MOST_PARTS) reject(new Error(`it has more than ${MOST_PARTS} parts`));
      else zip.readEntry();
    });
    zip.readEntry();
  });

/** Throws what yauzl throws for a file that is no archive. */
export const openParts = async (file: FileInPieces): Promise<ZipParts> => {
  const zip = await fromReader(new PieceReader(file), file.bytes, { lazyEntries: true, autoClose: false });
  const entries = await entriesOf(zip);
  const open = promisify<Entry, object, Readable>(zip.openReadStream.bind(zip) as never);
  return {
    has: (name) => entries.has(name),
    async *read(name) {
      const entry = entries.get(name);
      if (!entry) throw new UnreadableWorkbook(`the workbook is damaged (it has no part ${name})`);
      try {
        const isPacked = entry.compressionMethod === DEFLATED;
        const packed = await open(entry, isPacked ? { decompress: false } : {});
        const inflated = isPacked ? packed.pipe(createInflateRaw({ chunkSize: INFLATED })) : packed;
        packed.on('error', (error) => inflated.destroy(error));
        let sum = 0;
        for await (const chunk of inflated) {
          sum = crc32(chunk, sum);
          yield chunk;
        }
        if (sum !== entry.crc32) throw new Error('its checksum is another');
      } catch (error) {
        // Of the file system.
        if (/^E[A-Z]+$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
        throw new UnreadableWorkbook(`the workbook is damaged (${name}: ${(error as Error).message})`);
      }
    },
  };
};
