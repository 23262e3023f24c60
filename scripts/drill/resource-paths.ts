import { basename } from 'node:path';
import { sources } from '@granary/sources/registry';
import { EXAMPLES } from '@granary/sources/sources.gen';

/** The source whose datasets drills break. */
export const SOURCE = sources.find(({ datasets }) => datasets.some(({ id }) => id === EXAMPLES.dataset))!;

const resources = SOURCE.discover({ base_url: SOURCE.base_url });

/** Where the file of a dataset lies on its site, and so on the replica of it. */
export const pathOf = (dataset: string): string =>
  new URL(resources.find((resource) => resource.dataset === dataset)!.url).pathname;

/** All files of the source. */
export const EVERY_FILE = `${new URL(SOURCE.base_url).pathname}*`;

/** The name of its file, without the ending: what the replica knows another file by. */
export const nameOf = (dataset: string): string => basename(pathOf(dataset), '.csv');
