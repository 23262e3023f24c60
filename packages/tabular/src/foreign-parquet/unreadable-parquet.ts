/** The file is no Parquet that can be read; the message says why. */
export class UnreadableParquet extends Error {
  override name = 'UnreadableParquet';
}
