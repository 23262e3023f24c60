/** Sources that stand in no registry: those that somebody writes, or that are made of an address. */
import type { PreviewDeps } from '@granary/domain/use-cases/preview/preview-source';
import { defineSource } from '@granary/domain/use-cases/sources/known-sources';
import { checkSource } from './check-source.ts';
import { guessSource } from './guess-source.ts';
import { TABLE_KINDS } from './kinds.gen.ts';

export const unregistered: PreviewDeps['sources'] = {
  check: (written) => checkSource(written, TABLE_KINDS),
  define: (source) => defineSource(TABLE_KINDS, source),
  guess: (url, file, of) => guessSource(TABLE_KINDS, url, file, of),
};
