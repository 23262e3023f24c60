import type { TableProfile } from './profile-table.ts';

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** A profile as JSON; integers are exact, however large they are. */
export const profileJson = (profile: TableProfile): string =>
  JSON.stringify(profile, (_, cell) => (typeof cell === 'bigint' ? rawJSON(String(cell)) : cell));
