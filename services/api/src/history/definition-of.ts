import type { SourceReader } from '@granary/domain/ports/source-store';
import type { SourceDefinition } from '@granary/domain/source';
import { defineSource } from '@granary/domain/use-cases/sources/known-sources';
import { TABLE_KINDS } from '@granary/sources/kinds.gen';
import { sourceById } from '@granary/sources/registry';

/**
 * The source of a dataset, with the code of its kind: one of the repository, or one that was put at run time, as it
 * stands now or stood last. Undefined where it is gone, or its kind is.
 */
export const definitionOf = async (
  configurations: Pick<SourceReader, 'getSource'>,
  id: string,
): Promise<SourceDefinition | undefined> => {
  const shipped = sourceById(id);
  if (shipped) return shipped;
  const configuration = (await configurations.getSource(id))?.configuration;
  if (!configuration || !TABLE_KINDS.some(({ kind }) => kind === configuration.kind)) return undefined;
  return defineSource(TABLE_KINDS, configuration);
};
