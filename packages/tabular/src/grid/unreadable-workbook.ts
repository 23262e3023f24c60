/** It cannot be read as a workbook; the message says why. */
export class UnreadableWorkbook extends Error {
  override name = 'UnreadableWorkbook';
}
