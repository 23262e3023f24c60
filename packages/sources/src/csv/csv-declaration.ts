import type { ResourceFile } from '@granary/domain/reading';
import type { Dialect } from '@granary/tabular/table';

/** What is declared about a file of CSV. What is not is found by reading it. */
export type CsvDeclaration = {
  dialect?: Partial<Dialect>;
  /** Markers of values that are not available, beside those that are known everywhere. */
  missing?: readonly string[];
};

/** What is read: a file, or what one was turned into. */
export type TextFile = Pick<ResourceFile, 'bytes' | 'chunks'>;
