/**
 * `npm run dashboards`: draws the dashboard of the running local stack, from its JSON and with what was measured, into
 * docs/dashboards/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ROOT, readLocalStack, STATE_VARIABLE, stateDir } from '@granary/local/state';
import { Resvg } from '@resvg/resvg-js';
import type { Widget } from './dashboards/ask.ts';
import { FONT, fontFile } from './dashboards/chart.ts';
import { drawPage } from './dashboards/page.ts';

const HELP = `Draws the dashboard of the running local stack (npm start) as SVG.

  npm run dashboards -- [--minutes 60] [--out docs/dashboards] [--png] [--state .granary]

  --minutes N   period to show, in minutes (default 60)
  --out DIR     folder of the pictures, one for each section
  --png         also write PNGs
  --state DIR   folder of the stack's state`;

const options = (() => {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '60' },
        out: { type: 'string', default: join(ROOT, 'docs/dashboards') },
        png: { type: 'boolean', default: false },
        state: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return process.exit(2);
  }
})();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}
const minutes = Number(options.minutes);
if (!(minutes >= 1 && minutes <= 20_160)) {
  console.error(`--minutes takes a number from 1 to 20160 (two weeks), not '${options.minutes}'.`);
  process.exit(2);
}
if (options.state) process.env[STATE_VARIABLE] = resolve(options.state);
const stack = readLocalStack(stateDir());
if (!stack?.running) {
  console.error('No local stack is running. Start it with `npm start`, in another terminal.');
  process.exit(1);
}

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const settings = { endpoint: stack.awsEndpoint, region: stack.region, credentials };
const clients = { metrics: new CloudWatchClient(settings), logs: new CloudWatchLogsClient(settings) };
const DashboardName = `granary-local-${stack.region}`;
const { DashboardBody } = await clients.metrics.send(new GetDashboardCommand({ DashboardName }));
const { widgets } = JSON.parse(DashboardBody!) as { widgets: Widget[] };

/** A section begins with a heading of the second level; what is before the first belongs to it. */
const sections: { name: string; widgets: Widget[] }[] = [];
for (const widget of widgets) {
  const name = /^## (.+)$/m.exec(widget.properties.markdown ?? '')?.[1];
  if (sections.length === 0) sections.push({ name: '', widgets: [] });
  const last = sections.at(-1)!;
  if (name && last.name) sections.push({ name, widgets: [widget] });
  else {
    last.name ||= name ?? '';
    last.widgets.push(widget);
  }
}

const to = Math.ceil(Date.now() / 60_000) * 60_000;
const times = { from: to - minutes * 60_000, to };
const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
const about = `${DashboardName}, ${day(times.from)} to ${day(times.to)} UTC: a run on one machine, drawn by \`npm run dashboards\`.`;
mkdirSync(options.out, { recursive: true });
for (const section of sections) {
  const svg = await drawPage({ clients, widgets: section.widgets, times, title: `Dashboard: ${section.name}`, about });
  const path = join(options.out, `${section.name.toLowerCase().replaceAll(' ', '-')}.svg`);
  writeFileSync(path, svg);
  console.log(`${path} (${Math.round(svg.length / 1024)} KB)`);
  if (!options.png) continue;
  const font = { loadSystemFonts: false, fontFiles: [fontFile], defaultFontFamily: FONT, sansSerifFamily: FONT };
  writeFileSync(path.replace('.svg', '.png'), new Resvg(svg, { font, logLevel: 'off' }).render().asPng());
}
