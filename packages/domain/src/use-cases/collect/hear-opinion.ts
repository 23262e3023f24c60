import { readFile, rm } from 'node:fs/promises';
import { rowsOfBatch } from '@granary/tabular/cells';
import type { Field } from '@granary/tabular/table';
import type { WrittenVersion } from '../../dataset.ts';
import { GranaryError } from '../../errors.ts';
import type { FoundTable, TableSink } from '../../reading.ts';
import { type OpinionHeard, type SecondOpinion, sentencesOf } from '../../second-opinion.ts';
import type { SourceDefinition } from '../../source.ts';
import { type AskDeps, askSource } from './ask-source.ts';

/** A page is small, and a file does not wait for it for long. */
const WITHIN_MS = 20_000;
const MOST_BYTES = 2_000_000;

/** Reads a table, and tells an opinion of its rows on their way. */
export const observed =
  (read: FoundTable['read'], opinion: SecondOpinion): FoundTable['read'] =>
  (options, out) => {
    let fields: readonly Field[] = [];
    const told: TableSink = {
      ...out,
      begin(found) {
        fields = found;
        out.begin(found);
      },
      rows(batch) {
        opinion.observe(rowsOfBatch({ fields, key: [] }, batch));
        out.rows(batch);
      },
    };
    return read(options, told);
  };

export type Heard = { heard: OpinionHeard; newest: boolean };

/** Asks, within the host's budget, and compares. Throws what {@link askSource} throws, and RefusedContent. */
export const hearOpinion =
  (deps: AskDeps) =>
  async (source: SourceDefinition, opinion: SecondOpinion, onRequest: () => void): Promise<Heard> => {
    const { url, accept } = opinion;
    const of = { ...source, max_bytes: MOST_BYTES };
    const page = await askSource(deps)({ url, accept, source: of, within_ms: WITHIN_MS, onRequest });
    if (page.status === 'not-modified') throw new Error('It was not modified, and nobody had asked whether');
    try {
      const { newest, ...compared } = await opinion.compare(await readFile(page.path));
      return { heard: { url, ...compared }, newest };
    } finally {
      await rm(page.path, { force: true });
    }
  };

/** What is kept with a version of an opinion. */
export type OpinionKept = { notes: readonly string[]; second_opinion?: OpinionHeard };

/** The same for a version; an opinion that cannot be had is no reason against the file, and a note says why. */
export const opinionOnVersion =
  (deps: AskDeps) =>
  async (source: SourceDefinition, opinion: SecondOpinion, onRequest: () => void): Promise<OpinionKept> => {
    try {
      return kept((await hearOpinion(deps)(source, opinion, onRequest)).heard);
    } catch (error) {
      if (!(error instanceof GranaryError)) throw error;
      return { notes: [`The page ${opinion.url} was asked for a second opinion, and none was had: ${error.message}`] };
    }
  };

const kept = (heard: OpinionHeard): OpinionKept => ({ notes: sentencesOf(heard), second_opinion: heard });

/** What was heard of the same bytes before: a replay asks nobody. */
export const opinionBefore = (versions: readonly WrittenVersion[], sha256: string): OpinionKept => {
  const heard = versions.findLast(({ raw }) => raw.sha256 === sha256)?.second_opinion;
  return heard ? kept(heard) : { notes: [] };
};
