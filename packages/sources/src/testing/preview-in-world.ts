import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PreviewRequest,
  previewSource,
  type SourcePreview,
} from '@granary/domain/use-cases/preview/preview-source';
import { makeWorld, type World } from '@granary/domain/use-cases/testing/world';
import { zipOf } from '@granary/tabular/xlsx/zip';
import { unregistered } from '../unregistered.ts';

export const URL_OF_IT = 'https://www.ine.example/files/rain.csv';

/** For tests: previews what the source of a world holds. Throws where a file of it is left behind. */
export const preview = async (
  bytes: Uint8Array | string,
  request: PreviewRequest = { url: URL_OF_IT },
  world: World = makeWorld(),
): Promise<SourcePreview> => {
  const folder = await mkdtemp(join(tmpdir(), 'granary-test-'));
  world.source.bytes = bytes as never;
  try {
    const found = await previewSource({ ...world, tmpdir: folder, sources: unregistered })(request);
    const left = readdirSync(folder);
    if (left.length > 0) throw new Error(`The preview left ${left.join(', ')} behind.`);
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
};

export const tablesOf = ({ resources }: SourcePreview) => resources.flatMap(({ tables }) => tables);

export const zipped = async (files: Record<string, Uint8Array | string>): Promise<Buffer> => {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content: [content] as never }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of zipOf(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
};
