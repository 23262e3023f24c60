import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { packageService, SERVICES } from './packaged.ts';

export type Entry = { name: string; bytes: number; content(): Buffer };

/** The entries of a zip by its central directory (APPNOTE 4.3.12). */
const entriesOf = (zip: Buffer): Entry[] => {
  const end = zip.lastIndexOf('PK\x05\x06');
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const [method, packed, bytes] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const content = () => {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const body = zip.subarray(start, start + packed);
      return method === 0 ? body : inflateRawSync(body);
    };
    entries.push({ name: zip.toString('utf8', at + 46, at + 46 + name), bytes, content });
    at += 46 + name + extra + comment;
  }
  return entries;
};

/** What is in the artifact of each function, by `<service>/<function>`. */
export const artifacts = async (): Promise<Map<string, Entry[]>> => {
  const found = new Map<string, Entry[]>();
  for (const service of SERVICES) {
    const { folder } = await packageService(service, 'dev');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.zip')))
      found.set(`${service}/${file.replace('.zip', '')}`, entriesOf(readFileSync(join(folder, file))));
  }
  return found;
};
