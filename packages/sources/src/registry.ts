import type { SourceDefinition } from '@granary/domain/source';
import { embrapa } from './embrapa.ts';

/** Every source that Granary collects: one file of this directory each, which a test checks. */
export const sources: readonly SourceDefinition[] = [embrapa];

/** The source of that id; undefined when there is none. */
export const sourceById = (id: string): SourceDefinition | undefined => sources.find((source) => source.id === id);
