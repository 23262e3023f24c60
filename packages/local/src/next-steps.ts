import type { Dataset } from '@granary/domain/dataset';
import { EXAMPLES, WIDE_ROUTES } from '@granary/sources/sources.gen';
import type { DemoUserName } from './demo-users.ts';
import { STATE_VARIABLE } from './state.ts';

const quoted = (text: string) => (/^[\w./:~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The command that prints a demo user's token. `state` only when it is not the usual folder. */
export const tokenCommand = (state?: string, user: DemoUserName = 'reader'): string =>
  `${state ? `${STATE_VARIABLE}=${quoted(state)} ` : ''}npm run -s token -- ${user}`;

/**
 * How to call what is served, ready to be copied; or, while nothing is, what to do about that. `users`: whether there
 * are any.
 */
export const nextSteps = (options: {
  address: string;
  state: string | undefined;
  datasets: readonly Pick<Dataset, 'id' | 'latest'>[];
  users: boolean;
  collected: boolean;
}): string => {
  const { address, state, datasets, users, collected } = options;
  const served = datasets.filter(({ latest }) => latest !== null);
  const isServed = (dataset: string | undefined) => served.some(({ id }) => id === dataset);
  const records = WIDE_ROUTES.find(({ dataset }) => isServed(dataset))?.path ?? '/v1/datasets';
  const paths = [...(served.length > 0 ? [records] : []), ...(users ? ['/view-data?limit=10'] : [])];
  const curl = (path: string) => {
    const url = `${address}${path}`;
    // A shell takes the ? for a pattern.
    return `  curl --compressed -H "Authorization: Bearer $(${tokenCommand(state)})" ${url.includes('?') ? `'${url}'` : url}`;
  };
  // One that has the columns that the query names; the token is an analyst's.
  const sql = isServed(EXAMPLES.dataset)
    ? [
        `  curl -H "Authorization: Bearer $(${tokenCommand(state, 'analyst')})" -H 'Content-Type: application/json' ${address}/v1/query -d '${JSON.stringify({ sql: EXAMPLES.sql })}'`,
      ]
    : [];
  const none =
    served.length > 0
      ? []
      : [
          collected
            ? 'No dataset is served yet. Start again when the source can be read: npm start collects once more.'
            : 'Nothing has been collected yet: start without --no-collect, or wait for the schedule.',
        ];
  return [...(users && !collected ? [] : none), ...paths.map(curl), ...sql].join('\n');
};
