import { DATASET_ID } from '@granary/domain/dataset';
import type { DatasetDefinition, Source } from '@granary/domain/source';
import * as z from 'zod/mini';

const Kinds = z.enum(['production', 'trade']);
/** `production`: one figure a year, in sections. `trade`: two figures a year (quantity, then value), by country. */
export type FileKind = z.infer<typeof Kinds>;

/** What a source of this kind says besides: its files. */
export const EmbrapaConfig = z.strictObject({
  files: z.array(
    z.strictObject({
      /** As the site spells it, without `.csv`. */
      name: z.string().check(z.regex(/^[A-Za-z0-9_-]+$/)),
      kind: Kinds,
      dataset: z.string().check(z.regex(DATASET_ID)),
      /**
       * Where its figures stand as a page of HTML for each year, relative to the file: the newest year's at this
       * address, another one's with `&ano=<year>`. It is asked whether it says the same as a new file, and all of them
       * are read in the place of a file that is gone or refused.
       */
      page: z.optional(z.string().check(z.regex(/\?\w+=/))),
      /** Titles of its sections as they were seen: only evidence, since new ones may come. */
      sections: z._default(z.array(z.string()), []),
    }),
  ),
});
export type EmbrapaConfig = z.infer<typeof EmbrapaConfig>;

/** A file, and what is declared about the dataset that it becomes. */
export type EmbrapaFile = Omit<EmbrapaConfig['files'][number], 'dataset'> & { dataset: DatasetDefinition };

/** @throws RangeError when no file becomes this dataset. */
export const fileOf = ({ id, config, datasets }: Source<EmbrapaConfig>, dataset: string): EmbrapaFile => {
  const file = config.files.find((known) => known.dataset === dataset);
  const declared = datasets.find((known) => known.id === dataset);
  if (!file || !declared) throw new RangeError(`The source '${id}' has no file of the dataset ${dataset}.`);
  return { ...file, dataset: declared };
};
