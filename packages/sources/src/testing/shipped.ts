import { fileOf } from '../kinds/embrapa/files.ts';
import { sourceById, usersSource } from '../registry.ts';
import { TABLE_SOURCES } from '../sources.gen.ts';

/** For tests: sources that are shipped, by their names. */
export const embrapa = sourceById('embrapa')!;
export const randomUsers = usersSource;

/** The file that becomes this dataset. */
export const embrapaFileOf = (dataset: string) => fileOf(TABLE_SOURCES.find(({ id }) => id === 'embrapa')!, dataset);
