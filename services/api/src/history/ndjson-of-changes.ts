import type { Diff } from '@granary/tabular/diff/diff-tables';
import type { Encoded } from '../exports/send-or-store.ts';
import { jsonText } from './json-text.ts';

/** Characters that are gathered before they are given out. */
const CHUNK = 64 * 1024;

/** Changes, one a line, made as they are read; nothing is compared before the first is asked for. */
export const ndjsonOfChanges = (compare: () => Promise<Pick<Diff, 'changes'>>): Encoded => {
  let lines = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    const { changes } = await compare();
    let text = '';
    for await (const change of changes) {
      text += `${jsonText(change)}\n`;
      lines++;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = '';
    }
    if (text !== '') yield Buffer.from(text);
  };
  return { chunks: chunks(), rows: () => lines };
};
