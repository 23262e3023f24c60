import type { Field } from '@granary/tabular/table';
import type { DatasetId, Licence } from './dataset.ts';
import type { ReadOptions, ReadReport, ResourceFile, TableSink } from './reading.ts';
import type { Plausibility } from './rules/plausibility.ts';

/** A dataset as its source declares it. Declared field types outrank inference: a misfit is quarantined. */
export type DatasetDefinition = {
  id: DatasetId;
  title: string;
  description: string;
  fields: readonly Field[];
  key: readonly string[];
  /** What tells a change of the source from a mistake of it; defaults hold where it is absent. */
  plausible?: Plausibility;
};

/** Something to fetch that becomes (a version of) one dataset. Travels in a queue message, so it is plain data. */
export type Resource = {
  dataset: DatasetId;
  /** Absolute URL. */
  url: string;
  /** What `read` needs to know besides the bytes, such as the kind of file. */
  hints: Readonly<Record<string, string>>;
};

export type SourceDefinition = {
  id: string;
  title: string;
  publisher: string;
  theme: string;
  tags: readonly string[];
  licence: Licence;
  /** `rate(…)`, as EventBridge writes it. */
  schedule: `rate(${number} ${'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days'})`;
  /** Base address of the real source, and the environment variable that replaces it. */
  base_url: string;
  base_url_variable: string;
  /** Raised when `read` changes what it makes of the same bytes: unchanged bytes are then read again. */
  parser_version: number;
  /** Slots of the host budget: at most this many requests a minute to its host. */
  requests_per_minute: number;
  /** Bytes (after content decoding) above which a resource is refused. */
  max_bytes: number;
  datasets: readonly DatasetDefinition[];
  /** The resources to fetch; pure here, since every source so far knows its list. */
  discover(options: { base_url: string }): readonly Resource[];
  /**
   * Turns the bytes of one resource into a table. Pure: no I/O but the file's, no clock; the same bytes and options give
   * the same rows. Throws {@link ../errors.ts RefusedContent}, which says why, when the bytes are not the kind of file
   * at all (an HTML page, nothing, a binary). Memory does not grow with the file, except where `max_bytes` keeps it small.
   */
  read(resource: Resource, file: ResourceFile, options: ReadOptions, out: TableSink): Promise<ReadReport>;
};

/** The identity function, for inference and so that a source file says what it is. */
export const defineSource = (source: SourceDefinition): SourceDefinition => source;
