/** Files of CSV in a form that the byte-level engine does not speak: `csv-parse` reads them. */
import type { FoundTable, ResourceFile } from '@granary/domain/reading';
import { type ForeignInput, foreignInput } from '@granary/tabular/csv/foreign-input';
import { loadCsvParse } from '@granary/tabular/csv/foreign-records';
import { sniffEncoding } from '@granary/tabular/csv/sniff-encoding';
import { mayBeForeign, sniffForeign } from '@granary/tabular/csv/sniff-foreign';
import { SURE_FORM } from '@granary/tabular/csv/sure-form';
import type { Dialect, WrittenForm } from '@granary/tabular/table';
import type { CsvDeclaration, TextFile } from './csv-declaration.ts';

type ForeignFile = {
  /** The tables that `read` finds in what the file was turned into. */
  tables(read: (declared: CsvDeclaration, turned: TextFile) => readonly FoundTable[]): readonly FoundTable[];
};

/** Null for a file that the engine reads itself, and for one whose delimiter is declared. */
export const foreignFile = async (
  { dialect, missing }: CsvDeclaration,
  file: ResourceFile,
  sample: Uint8Array,
): Promise<ForeignFile | null> => {
  if (dialect?.delimiter !== undefined || dialect?.quote !== undefined) return null;
  const found = sniffEncoding(sample);
  const encoded = { ...found, ...(dialect?.encoding && { encoding: dialect.encoding, mojibake: false }) };
  const suspect = mayBeForeign(sample, encoded);
  if (!suspect) return null;
  const parse = await loadCsvParse();
  const form = sniffForeign(parse, suspect);
  if (form === null) return null;
  const turned = foreignInput(parse, file, encoded, form);
  const own: CsvDeclaration = { missing, dialect: { ...dialect, ...SURE_FORM } };
  return {
    tables: (read) =>
      read(own, { ...turned, bytes: file.bytes }).map((table) => withForm(table, turned, form, encoded.encoding)),
  };
};

const namesOf = (form: WrittenForm): string =>
  `cells are parted by ${JSON.stringify(form.delimiter)}, quoted by ${form.quote}, and ` +
  (form.escape === 'backslash' ? 'a backslash stands before a quote in one' : 'a quote in one is doubled');

/** A table that says what its file was, with the text of the file in its quarantine. */
const withForm = (
  table: FoundTable,
  turned: ForeignInput,
  form: WrittenForm,
  encoding: Dialect['encoding'],
): FoundTable => ({
  ...table,
  async read(options, out) {
    const report = await table.read(options, {
      begin: out.begin,
      rows: out.rows,
      quarantine: (entry) => out.quarantine({ ...entry, ...turned.textAt(entry.line) }),
    });
    return {
      ...report,
      dialect: { ...report.dialect, encoding, written: { ...form, read_by: 'csv-parse' } },
      notes: [`The file was read by csv-parse: ${namesOf(form)}.`, ...report.notes],
    };
  },
});
