/** What has no value in a sheet: errors (`#DIV/0!`), and formulas that nobody has computed. */
export const createSheetNotes = () => {
  const errors = new Map<string, number>();
  let uncomputed = 0;
  return {
    onError(error: string): void {
      errors.set(error, (errors.get(error) ?? 0) + 1);
    },
    onUncomputed(): void {
      uncomputed++;
    },
    all(): string[] {
      const notes = [...errors].map(
        ([error, count]) => `${count} ${count === 1 ? 'cell holds' : 'cells hold'} ${error}.`,
      );
      if (uncomputed > 0)
        notes.push(`${uncomputed} ${uncomputed === 1 ? 'formula has' : 'formulas have'} no stored result.`);
      return notes;
    },
  };
};
