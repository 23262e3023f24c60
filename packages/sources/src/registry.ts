import type { SourceDefinition } from '@granary/domain/source';
import { defineSource } from '@granary/domain/use-cases/sources/known-sources';
import { type UsersSource, withUsersKind } from '@granary/domain/users-source';
import { TABLE_KINDS, USERS_KINDS } from './kinds.gen.ts';
import { TABLE_SOURCES, USERS_SOURCE } from './sources.gen.ts';

/** Every source of tables: one file of `sources/` each, with the code of its kind. */
export const sources: readonly SourceDefinition[] = TABLE_SOURCES.map((source) => defineSource(TABLE_KINDS, source));

/** The source of tables of that id; undefined when there is none. */
export const sourceById = (id: string): SourceDefinition | undefined => sources.find((source) => source.id === id);

/** The source of users: there is exactly one, which `npm run gen` sees to. */
export const usersSource: UsersSource = withUsersKind(
  USERS_KINDS.find(({ kind }) => kind === USERS_SOURCE.kind)!,
  USERS_SOURCE,
);
