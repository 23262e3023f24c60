import type { Dataset } from '@granary/domain/dataset';
import { STATE_VARIABLE } from './state.ts';

const quoted = (text: string) => (/^[\w./:~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The command that prints a demo user's token. `state` only when it is not the usual folder. */
export const tokenCommand = (state?: string): string =>
  `${state ? `${STATE_VARIABLE}=${quoted(state)} ` : ''}node scripts/bootstrap.mjs packages/local/src/token.ts reader`;

/** How to call what is served, ready to be copied; or, while nothing is, what to do about that. */
export const nextSteps = (options: {
  address: string;
  state: string | undefined;
  datasets: readonly Pick<Dataset, 'id' | 'latest'>[];
  collected: boolean;
}): string => {
  const { address, state, datasets, collected } = options;
  const served = datasets.filter(({ latest }) => latest !== null);
  if (served.length === 0) {
    return collected
      ? 'No dataset is served yet. Start again when the source can be read: npm start collects once more.'
      : 'Nothing has been collected yet: start without --no-collect, or wait for the schedule.';
  }
  const path = served.some(({ id }) => id === 'embrapa_producao') ? '/producaoCSV' : '/v1/datasets';
  return `  curl --compressed -H "Authorization: Bearer $(${tokenCommand(state)})" ${address}${path}`;
};
