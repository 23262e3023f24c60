/** Sources that stand in no registry: those that somebody writes, or that are made of an address. */
import { withKind } from '@granary/domain/kind';
import type { PreviewDeps } from '@granary/domain/use-cases/preview/preview-source';
import { checkSource } from './check-source.ts';
import { guessSource } from './guess-source.ts';
import { TABLE_KINDS } from './kinds.gen.ts';

export const unregistered: PreviewDeps['sources'] = {
  check: (written) => checkSource(written, TABLE_KINDS),
  define: (source) => withKind(TABLE_KINDS.find(({ kind }) => kind === source.kind)!, source),
  guess: (url, file, of) => guessSource(TABLE_KINDS, url, file, of),
};
