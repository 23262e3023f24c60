import { RefusedContent } from '@granary/domain/errors';
import { type FoundTable, MoreTables, onlyTable, type ReadOptions, type ResourceFile } from '@granary/domain/reading';
import { isProvenance } from '@granary/tabular/csv/provenance-columns';
import { findTables, type TableInFile } from '@granary/tabular/csv/table-dialects';
import { UnreadableText } from '@granary/tabular/csv/tokenizer';
import {
  ColumnsApart,
  type CsvReading,
  type LookedAtCsv,
  lookAtCsv,
  type ReadCsvOptions,
  readLookedAt,
  SeveralTables,
} from '@granary/tabular/read-csv';
import { markersOf } from '../missing-markers.ts';
import { columnsApartTables } from './columns-apart-tables.ts';
import { refuseOtherThanText } from './content-check.ts';
import type { CsvDeclaration, TextFile } from './csv-declaration.ts';
import { foreignFile } from './foreign-file.ts';

/** A file whose columns stand apart is held in memory, many times its size; a larger one is read as one table. */
const MOST_BYTES_IN_MEMORY = 50_000_000;
const SAMPLE_BYTES = 65_536;
/** Notes are stored in one item with the version, and a text between two tables may have any length. */
const NOTE_LENGTH = 500;
/** Lines that become notes: the last ones above a table, and the first ones below it. */
const MOST_LINES = 20;

const notesOf = ({ dialect, notes, unnamed }: CsvReading): string[] => [
  ...(dialect.mojibake ? ['The file was encoded twice (UTF-8 taken for windows-1252); its text was repaired.'] : []),
  ...(dialect.encoding === 'utf-8' ? [] : [`The file is encoded as ${dialect.encoding}.`]),
  ...(unnamed
    ? [`No column is named by line ${dialect.header_line}: ${unnamed.join('; ').slice(0, NOTE_LENGTH)}`]
    : []),
  ...notes.map(noteOf),
];

const noteOf = ({ line, text }: { line: number; text: string }): string =>
  `Line ${line} is a note: ${text.trim().slice(0, NOTE_LENGTH)}`;

/**
 * The tables of a file of CSV of any size, one after the other: the columns of each, then `line` and `processing_date`.
 * Rows that do not fit the declared fields are quarantined, other columns get the type that fits all their rows. Throws
 * RefusedContent, and so does what reads a table.
 */
export const csvTables = async (
  declared: CsvDeclaration,
  file: ResourceFile,
  thorough = false,
): Promise<readonly FoundTable[]> => {
  const sample = file.read(0, SAMPLE_BYTES);
  refuseOtherThanText(sample, declared.dialect);
  const foreign = await foreignFile(declared, file, sample);
  if (foreign) return foreign.tables((own, turned) => tablesOf(own, turned, thorough));
  return tablesOf(declared, file, thorough);
};

const tablesOf = (declared: CsvDeclaration, file: TextFile, thorough: boolean): readonly FoundTable[] => {
  try {
    if (thorough) return eachTable(declared, file);
    const looked = look(file, declared);
    const [table] = onlyTable((options, out) => readTable(looked, options, out));
    // An earlier version of the file may have held several tables: by its header this one is known again.
    return [{ ...table!, header: looked.layout.header }];
  } catch (error) {
    if (error instanceof SeveralTables) return eachTable(declared, file);
    if (error instanceof ColumnsApart) return columnsApartTables(declared, file);
    throw refusal(error);
  }
};

/** The processing date and the declared fields come with the options of {@link readTable}. */
const look = (file: TextFile, { dialect, missing }: CsvDeclaration): LookedAtCsv => {
  const markers = markersOf(missing);
  const asOne = file.bytes > MOST_BYTES_IN_MEMORY;
  return lookAtCsv(file, { dialect, missing: markers, asOne, provenance: { processing_date: '' } });
};

const readTable = async (
  looked: LookedAtCsv,
  { processing_date, fields = [] }: ReadOptions,
  out: Parameters<FoundTable['read']>[1],
) => {
  const contract = { fields: fields.filter(({ name }) => !isProvenance(name)) };
  const options: ReadCsvOptions = { ...looked.options, contract, provenance: { processing_date } };
  try {
    const reading = await readLookedAt({ ...looked, options }, out);
    return { dialect: reading.dialect, header: reading.header, notes: notesOf(reading) };
  } catch (error) {
    if (error instanceof SeveralTables) throw new MoreTables(error.message);
    throw refusal(error);
  }
};

const refusal = (error: unknown): unknown =>
  error instanceof UnreadableText ? new RefusedContent(`The file is no table: ${error.message}.`) : error;

/** A table's name is its title where no other table of the file has the same one, else its number. */
const eachTable = (declared: CsvDeclaration, file: TextFile): FoundTable[] => {
  const tables = findTables(file, declared.dialect);
  const titles = tables.map(titleOf);
  return tables.map(({ dialect, titles: above, notes: below, header, range }, index) => {
    const title = titles[index];
    const isOwn = title !== undefined && titles.indexOf(title) === titles.lastIndexOf(title);
    return {
      name: isOwn ? title : String(index + 1),
      ...(title !== undefined && { title }),
      header,
      place: `lines ${range.first_line} to ${range.last_line}`,
      async read(options, out) {
        const report = await readTable(look(file, { ...declared, dialect }), options, out);
        const titles = above.slice(-MOST_LINES).map((text) => `Above it stands: ${text.slice(0, NOTE_LENGTH)}`);
        const notes = [...titles, ...report.notes, ...below.slice(0, MOST_LINES).map(noteOf)];
        return { ...report, notes };
      },
    };
  });
};

/** The last line above it. */
const titleOf = ({ titles }: TableInFile): string | undefined => titles.at(-1);
