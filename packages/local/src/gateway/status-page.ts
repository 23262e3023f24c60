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
  source: string;
  state: string;
  started_at: string;
  duration_s: number | null;
  counts: { unchanged: number; errors: number; rows_published: number };
};
export type Status = {
  address: string;
  awsEndpoint: string;
  datasets: readonly DatasetLine[];
  runs: readonly RunLine[];
};

const escapeHtml = (text: string) => text.replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);
const cell = (value: unknown) => `<td>${escapeHtml(value === null || value === undefined ? '' : String(value))}</td>`;
const time = (text: string | null) => text?.slice(0, 19).replace('T', ' ') ?? null;
const count = (value: number | null) => (value === null ? null : value.toLocaleString('en-GB'));

const table = (headings: readonly string[], rows: readonly (readonly unknown[])[], empty: string) =>
  rows.length === 0
    ? `<p>${escapeHtml(empty)}</p>`
    : `<table><thead><tr>${headings.map((heading) => `<th>${escapeHtml(heading)}</th>`).join('')}</tr></thead><tbody>${rows
        .map((row) => `<tr>${row.map(cell).join('')}</tr>`)
        .join('')}</tbody></table>`;

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884}
pre{background:#8882;padding:1rem;overflow:auto}h2{margin-top:2rem}`;

/** The page at `/`: what is there and how to call it. It names no password; those stand in `.granary/local.json`. */
export const statusPage = ({ address, awsEndpoint, datasets, runs }: Status): string => {
  const curl = `TOKEN=$(node scripts/bootstrap.mjs packages/local/src/token.ts reader)
curl --compressed -H "Authorization: Bearer $TOKEN" ${address}/v1/datasets`;
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
    count(r.counts.rows_published),
    r.counts.unchanged,
    r.counts.errors,
  ]);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Granary</title><style>${STYLE}</style></head><body>
<h1>Granary</h1><p>Public statistics in, an authenticated API out. This is the stack on this machine.</p>
<h2>Call it</h2><p>Run this in the clone; the demo users' names and passwords are in <code>.granary/local.json</code>.</p><pre>${escapeHtml(curl)}</pre>
<p>API <code>${escapeHtml(address)}/v1/…</code> · embedded AWS <code>${escapeHtml(awsEndpoint)}</code></p>
<h2>Datasets</h2>${table(['Dataset', 'Title', 'Version', 'Rows', 'Quarantined', 'Updated'], datasetRows, 'Nothing has been collected yet.')}
<h2>Runs</h2>${table(['Run', 'Source', 'State', 'Started', 'Seconds', 'Rows', 'Unchanged', 'Errors'], runRows, 'No run yet.')}
</body></html>`;
};
