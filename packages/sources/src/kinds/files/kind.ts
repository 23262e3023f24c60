import { defineKind } from '@granary/domain/kind';
import type { Resource, Source } from '@granary/domain/source';
import { withColumns } from '../../column-overrides.ts';
import { beginsWithMarkup } from '../../csv/content-check.ts';
import { fileTables } from '../../file-tables.ts';
import { folderOf } from '../../folder-of.ts';
import { type DeclaredFile, type DeclaredLinks, FilesConfig } from './config.ts';
import { linkedFiles } from './linked-files.ts';

/**
 * A list of files, or the files that a page links to: CSV of any dialect and size, workbooks (.xlsx, .xlsm, .xlsb,
 * .xls, .ods), JSON (a list of objects, one object on each line, or GeoJSON), Parquet, and gzip data or ZIP archives of
 * these. What a file is shows in its bytes, not in its name. A file of several tables becomes a dataset for each,
 * unless the one to read is declared. A dataset's declared fields outrank what its file looks like; columns that are
 * not declared get the type that fits all their rows.
 */
export const kind = defineKind<FilesConfig>({
  kind: 'files',
  config: FilesConfig,
  parser_version: 3,
  accept: 'text/csv, text/*;q=0.9, */*;q=0.5',
  infers: true,
  unpacks: true,
  discover: (source, base_url, { year }) =>
    (source.config.files ?? []).flatMap((file) => {
      const url = (address: string) => new URL(address, folderOf(base_url)).href;
      if (file.years) return filesOfYears(source, file, url, year);
      return [{ dataset: file.dataset, url: url(file.url), hints: {} }];
    }),
  listing: {
    accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.5',
    first: ({ config }, base_url) =>
      (config.links ?? []).map(({ dataset, page }) => ({
        url: new URL(page, folderOf(base_url)).href,
        hints: { links: dataset },
      })),
    async read(source, { url, hints }, body) {
      return { resources: await linkedFiles(declaredOf(source, hints.links!) as DeclaredLinks, url, body), next: [] };
    },
  },
  guess: (file, { dataset, url }) => (beginsWithMarkup(file) ? undefined : { config: { files: [{ dataset, url }] } }),
  async tables(source, { dataset, like, hints }, file, thorough) {
    const declared = declaredOf(source, hints.links ?? like ?? dataset);
    return withColumns(await fileTables(declared, file, thorough), declared.columns);
  },
});

const declaredOf = ({ id, config }: Source<FilesConfig>, dataset: string): DeclaredFile | DeclaredLinks => {
  const declared = [...(config.files ?? []), ...(config.links ?? [])].find((one) => one.dataset === dataset);
  if (!declared) throw new RangeError(`The source '${id}' has no file of '${dataset}'`);
  return declared;
};

/** Publishers are late: the files of the last years may not be there yet. */
const LATE_YEARS = 3;

const filesOfYears = (
  { datasets }: Source<FilesConfig>,
  { dataset, url, years }: DeclaredFile,
  absolute: (address: string) => string,
  year: number | undefined,
): Resource[] => {
  const { from, to } = years!;
  const last = to ?? Math.max(year ?? from, from);
  const title = datasets.find(({ id }) => id === dataset)?.title ?? dataset;
  return Array.from({ length: last - from + 1 }, (_, index): Resource => {
    const one = String(from + index);
    return {
      dataset: `${dataset}_${one}`,
      url: absolute(url.replaceAll('{year}', one)),
      hints: {},
      title: `${title} ${one}`,
      like: dataset,
      ...(from + index > (year ?? last) - LATE_YEARS && { expected: true }),
    };
  });
};
