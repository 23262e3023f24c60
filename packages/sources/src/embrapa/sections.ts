/** Spaces trimmed, inner ones collapsed to one. */
export const normalised = (name: string): string => name.trim().replace(/\s+/g, ' ');

const isUpperCase = (text: string): boolean => text === text.toUpperCase() && (text.match(/\p{L}/gu)?.length ?? 0) >= 3;

/** Codes of cultivars (`IAC 138-22`) are upper case too, but have figures; sections are words. */
const isSectionTitle = (product: string): boolean => isUpperCase(product) && !/\d/.test(product) && product.length >= 4;

/**
 * Whether a row opens a section and holds its total: its `control` is upper case (`VINHO DE MESA`), or it has none and the
 * product is (`OUTROS PRODUTOS COMERCIALIZADOS`).
 * @param control null when the file has no such column.
 */
export const opensSection = (control: string | null, product: string): boolean => {
  const code = control?.trim() ?? '';
  return code === '' ? isSectionTitle(normalised(product)) : isUpperCase(code);
};

/**
 * The section that a line opens although its figures cannot be trusted: the rows below it must not be taken for those of
 * the section before. Looks at the leading cells only, which may have moved by one. null: it opens none.
 */
export const sectionOfSpoiltLine = (
  cells: readonly string[],
  control: number | null,
  leading: number,
): string | null => {
  const code = control === null ? '' : (cells[control]?.trim() ?? '');
  if (/\p{L}/u.test(code) && !isUpperCase(code)) return null;
  return (
    cells
      .slice(0, leading + 1)
      .map(normalised)
      .findLast(isSectionTitle) ?? null
  );
};
