// In the language since ES2025, and in Node since 21; TypeScript does not know it yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON in which 64-bit integers keep all their digits. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_, cell) => (typeof cell === 'bigint' ? rawJSON(String(cell)) : cell));
