type DatasetLine = {
  id: string;
  title: string;
  latest: number | null;
  rows: number | null;
  rows_quarantined: number | null;
  updated_at: string | null;
};
type RunLine = {
  id: string;
  kind: 'collect' | 'users';
  source: string;
  state: string;
  started_at: string;
  duration_s: number | null;
  parts: number;
  parts_done: number;
  counts: { unchanged: number; errors: number; rows_published: number; rows_quarantined: number };
  users?: { new: number; overwritten: number; failed: number };
  errors: readonly { part: number; dataset: string | null; message: string }[];
};
type AlarmLine = {
  AlarmName: string;
  AlarmDescription?: string;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  reason: string;
  /** ms since the epoch */
  changed: number;
};
export type Status = {
  address: string;
  awsEndpoint: string;
  /** The command that prints a demo user's token, and the file with the demo users. */
  tokenCommand: string;
  usersFile: string;
  datasets: readonly DatasetLine[];
  runs: readonly RunLine[];
  /** None where another AWS is used, which shows them itself. */
  alarms: readonly AlarmLine[];
};

const escapeHtml = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
/** Universal time; the heading says so. */
const time = (text: string | null) => text?.slice(0, 19).replace('T', ' ');
const count = (value: number | null) => value?.toLocaleString('en-GB');

/**
 * A heading that begins with `#` is one of figures, which are aligned right; with `@` one of times. Neither is broken
 * into lines.
 */
const table = (headings: readonly string[], rows: readonly (readonly unknown[])[], empty: string) => {
  if (rows.length === 0) return `<p>${escapeHtml(empty)}</p>`;
  const cell = (name: 'td' | 'th', value: unknown, column: number) =>
    `<${name}${classOf(headings[column]!)}>${escapeHtml(String(value ?? ''))}</${name}>`;
  const head = headings.map((heading, column) => cell('th', heading.replace(/^[#@]/, ''), column)).join('');
  const body = rows.map((row) => `<tr>${row.map((value, column) => cell('td', value, column)).join('')}</tr>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
};

const classOf = (heading: string) => ({ '#': ' class="n"', '@': ' class="t"' })[heading[0]!] ?? '';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884}
.n,.t{font-variant-numeric:tabular-nums;white-space:nowrap}.n{text-align:right}pre{background:#8882;padding:1rem;overflow:auto}h2{margin-top:2rem}`;

const firstError = ({ kind, errors }: RunLine): string => {
  const [first] = errors;
  if (!first) return '';
  const where = kind === 'users' ? `page ${first.part}` : first.dataset;
  return `${where ? `${where}: ` : ''}${first.message}`;
};

/** `12,345 rows, 3 files unchanged` or `1,000 users (990 new, 10 overwritten)`, and what was put aside. */
const result = ({ kind, counts, users }: RunLine): string => {
  const { new: added = 0, overwritten = 0, failed = 0 } = users ?? {};
  const facts =
    kind === 'users'
      ? [
          `${count(added + overwritten)} users (${count(added)} new, ${count(overwritten)} overwritten)`,
          ...(failed > 0 ? [`${count(failed)} not written`] : []),
        ]
      : [
          `${count(counts.rows_published)} rows`,
          ...(counts.unchanged > 0 ? [`${count(counts.unchanged)} files unchanged`] : []),
        ];
  return [...facts, ...(counts.rows_quarantined > 0 ? [`${count(counts.rows_quarantined)} quarantined`] : [])].join(
    ', ',
  );
};

const STATE_WORDS = { ALARM: 'alarm', OK: 'ok', INSUFFICIENT_DATA: 'no data yet' } as const;
const RANK = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;

/** Red ones first, with what they mean and where the runbook has them. */
const alarmRows = (alarms: readonly AlarmLine[]) =>
  [...alarms]
    .sort((a, b) => RANK[a.state] - RANK[b.state])
    .map(({ AlarmName, AlarmDescription, state, reason, changed }) => [
      AlarmName,
      STATE_WORDS[state],
      time(new Date(changed).toISOString()),
      state === 'ALARM' ? AlarmDescription : '',
      state === 'OK' ? '' : reason,
    ]);

/**
 * The page at `/`: what is there and how to call it. It names no password; those stand in the file of the demo users.
 */
export const statusPage = ({
  address,
  awsEndpoint,
  tokenCommand,
  usersFile,
  datasets,
  runs,
  alarms,
}: Status): string => {
  const curl = `TOKEN=$(${tokenCommand})
curl --compressed -H "Authorization: Bearer $TOKEN" ${address}/v1/datasets
curl --compressed -H "Authorization: Bearer $TOKEN" '${address}/view-data?limit=10'`;
  const datasetRows = datasets.map((d) => [
    d.id,
    d.title,
    d.latest,
    count(d.rows),
    count(d.rows_quarantined),
    time(d.updated_at),
  ]);
  const runRows = runs.map((r) => [
    r.id,
    r.source,
    r.state,
    time(r.started_at),
    r.duration_s,
    `${r.parts_done}/${r.parts} ${r.kind === 'users' ? 'pages' : 'files'}`,
    result(r),
    count(r.counts.errors),
    firstError(r),
  ]);
  const failed = runs.find((r) => r.errors.length > 0);
  const look = (path: string) =>
    `<code>curl -H "Authorization: Bearer $TOKEN" ${escapeHtml(`${address}/v1/runs/${path}`)}</code>`;
  const log = failed?.kind === 'users' ? `, its log: ${look(`${failed.id}/log`)}` : '';
  const more = failed ? `<p>All errors of a run: ${look(failed.id)}${log}</p>` : '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Granary</title><style>${STYLE}</style></head><body>
<h1>Granary</h1><p>Public data in, an authenticated API out. This is the stack on this machine.</p>
<h2>Call it</h2><p>Run this in the clone; the demo users' names and passwords are in <code>${escapeHtml(usersFile)}</code>.</p><pre>${escapeHtml(curl)}</pre>
<p><a href="docs">Try the API</a> · API <code>${escapeHtml(address)}/v1/…</code> · embedded AWS <code>${escapeHtml(awsEndpoint)}</code></p>
<h2>Datasets</h2>${table(['Dataset', 'Title', '#Version', '#Rows', '#Quarantined', '@Updated (UTC)'], datasetRows, 'Nothing has been collected yet.')}
<h2>Runs</h2>${table(['Run', 'Source', 'State', '@Started (UTC)', '#Seconds', '#Done', 'Result', '#Errors', 'First error'], runRows, 'No run yet.')}${more}
<h2>Alarms</h2>${table(['Alarm', 'State', '@Since (UTC)', 'Means', 'Reason'], alarmRows(alarms), 'Alarms are shown by the AWS that is used.')}
</body></html>`;
};
