/** docs/cost.md, of the price table and of what was counted. */
import { METRICS } from '@granary/domain/metrics';
import { PRICES, type Priced, type Usage, usdOf } from '@granary/domain/prices';
import { ALARMS } from '../../services/observability/src/alarms.ts';
import type { Counted, Measured, MeasuredRoute } from './measure.ts';
import { MIX } from './mix.ts';
import { plus, times } from './usage.ts';

const GB = 1e9;
const MILLION = 1e6;
const DAYS = 30;
const MINUTES = DAYS * 24 * 60;

/** Athena bills 10 MB at least. */
const LEAST_ATHENA_BYTES = 10e6;
/** What Lambda and API Gateway write of an invocation and a request besides the function's own lines, in bytes. */
const PLATFORM_LINES = 400;
const ACCESS_LINE = 300;
/** X-Ray's own rule: the first request of a second, and of the others this share. */
const TRACED = 0.05;
/** Workers' queues are polled by five pollers each, which wait twenty seconds at a time. */
const IDLE_POLLS = 2 * 5 * 3 * MINUTES;
/** Keys of KMS: of users, of alarms. */
const KEYS = 2;
/** How often a minute each schedule strikes. */
const STRIKES: Readonly<Record<string, number>> = { plan: 1 / 5, 'plan-users': 1 / 5, sweep: 1, watch: 1 / 15 };

const MONTH = {
  datasets: 100,
  checks_per_day: 1,
  versions_per_month: 1,
  versions_kept: 24,
  requests: MILLION,
  users_per_day: 1000,
};

/** With the log of its functions, and a trace for one in twenty. */
const whole = ({ usage, log_bytes }: Measured): Usage => {
  const lambda = usage.lambda_request ?? 0;
  return plus(usage, { log_gb: (log_bytes + lambda * PLATFORM_LINES) / GB, trace: lambda * TRACED });
};

const ofRoute = (route: MeasuredRoute): Usage => {
  const { calls_made, sent_bytes, athena_bytes } = route;
  const sql = athena_bytes > 0 || /query/.test(route.route);
  return plus(times(whole(route), 1 / calls_made), {
    api_request: 1,
    sent_gb: sent_bytes / calls_made / GB,
    log_gb: ACCESS_LINE / GB,
    ...(sql && { athena_tb: Math.max(LEAST_ATHENA_BYTES, athena_bytes / calls_made) / 1e12 }),
  });
};

const mixed = (routes: readonly MeasuredRoute[]): Usage => {
  const all = MIX.reduce((sum, { share }) => sum + share, 0);
  return plus(
    ...MIX.map(({ route, share }) => {
      const measured = routes.find((one) => one.route === route);
      if (!measured) throw new Error(`${route} is in the mix (scripts/cost/mix.ts) and was not counted: npm run cost`);
      return times(ofRoute(measured), share / all);
    }),
  );
};

const fixed = ({ idle }: Counted): Usage =>
  plus(...Object.entries(idle).map(([name, measured]) => times(whole(measured), STRIKES[name]! * MINUTES)), {
    sqs_request: IDLE_POLLS,
    alarm_month: ALARMS.length,
    composite_alarm_month: 1,
    dashboard_month: 1,
    metric_month: Object.values(METRICS).reduce((sum, { of }) => sum + of.length, 0),
    kms_key_month: KEYS,
  });

const month = (counted: Counted): Record<string, Usage> => {
  const { collection, users, stored } = counted;
  const { published, unchanged } = collection;
  const checks = MONTH.datasets * MONTH.checks_per_day * DAYS;
  const versions = MONTH.datasets * MONTH.versions_per_month;
  return {
    'looking after 100 datasets': times(whole(unchanged), (checks - versions) / unchanged.parts),
    'their new versions': times(whole(published), versions / published.versions),
    'keeping them': { s3_gb_month: ((stored.bytes / stored.datasets) * MONTH.datasets * MONTH.versions_kept) / GB },
    'a thousand users a day': times(whole(users), (MONTH.users_per_day * DAYS) / users.users),
    'a million requests': times(mixed(counted.routes), MONTH.requests),
    'what there is without any of it': fixed(counted),
  };
};

const usd = (amount: number): string => {
  if (amount === 0) return '0';
  if (amount >= 0.01) return amount.toFixed(2);
  return Number(amount.toPrecision(2)).toFixed(Math.min(9, 1 - Math.floor(Math.log10(amount))));
};

const SERVICES: readonly (readonly [name: string, of: RegExp])[] = [
  ['Lambda', /^lambda/],
  ['API Gateway', /^api/],
  ['S3', /^s3/],
  ['DynamoDB', /^dynamo/],
  ['SQS', /^sqs/],
  ['Athena, Glue', /^(?:athena|glue)/],
  ['KMS', /^kms/],
  ['CloudWatch, X-Ray', /^(?:log|metric|alarm|composite|dashboard|trace)/],
  ['sent to the internet', /^sent/],
];

const by = (usage: Usage, of: RegExp): number =>
  usdOf(Object.fromEntries(Object.entries(usage).filter(([what]) => of.test(what))));

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const byService = (columns: Readonly<Record<string, Usage>>): string => {
  const usages = Object.values(columns);
  const rows = SERVICES.filter(([, of]) => usages.some((usage) => by(usage, of) > 0)).map(([name, of]) => [
    name,
    ...usages.map((usage) => usd(by(usage, of))),
  ]);
  return table(
    ['USD', ...Object.keys(columns)],
    [...rows, ['**in all**', ...usages.map((usage) => `**${usd(usdOf(usage))}**`)]],
  );
};

const callsOf = (columns: Readonly<Record<string, Measured>>): string => {
  const names = [...new Set(Object.values(columns).flatMap(({ calls }) => Object.keys(calls)))].sort();
  const rows = names.map((name) => [
    name.replace(/^granary-\w+-local-(.*)$/, 'invocations of `$1`'),
    ...Object.values(columns).map(({ calls }) => String(calls[name] ?? 0)),
  ]);
  const units = (what: Priced) =>
    Object.values(columns).map(({ usage }) => String(Math.round((usage[what] ?? 0) * 10) / 10));
  return table(
    ['', ...Object.keys(columns)],
    [
      ...rows,
      ['units read of DynamoDB', ...units('dynamo_read')],
      ['units written', ...units('dynamo_write')],
      ['GB-seconds of functions', ...units('lambda_gb_s')],
    ],
  );
};

const BEGIN = '<!-- Generated by `npm run cost`. Do not edit below. -->';
const END = '<!-- End of what is generated. -->';

/** The page with its generated part made anew. Throws where the marks are missing. */
export const pageOf = (page: string, counted: Counted): string => {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/cost.md has lost its marks: ${BEGIN} and ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${generated(counted)}\n\n${page.slice(end)}`;
};

const generated = (counted: Counted): string => {
  const { collection, users, routes, stored, measured_on, machine } = counted;
  const { published, unchanged } = collection;
  const parts = month(counted);
  const all = plus(...Object.values(parts));
  const pages = PRICES.pages.map((name) => `[${name}](https://aws.amazon.com/${name}/pricing/)`).join(', ');
  return `**Estimates.** By the price table of ${PRICES.as_of} for ${PRICES.region} (${pages}), on Arm, without free tiers, taxes and support. Counted on ${measured_on} in a run on one machine (${machine}).

## A run

Of the ${published.parts} datasets of one source: one in which all are published for the first time, and one in which none has changed. Of users: ${users.users} of them in ${users.parts} pages.

${byService({ 'all published': whole(published), 'nothing new': whole(unchanged), [`${users.users} users`]: whole(users) })}

What was counted:

${callsOf({ 'all published': published, 'nothing new': unchanged, [`${users.users} users`]: users })}

## A dataset

${table(
  ['', 'USD'],
  [
    ['a look that finds nothing new', usd(usdOf(whole(unchanged)) / unchanged.parts)],
    ['a look that publishes a version', usd(usdOf(whole(published)) / published.versions)],
    [
      `a version kept for a month (${Math.round(stored.bytes / stored.datasets / 1000)} kB on average, with the bytes it was made of)`,
      usd(usdOf({ s3_gb_month: stored.bytes / stored.datasets / GB })),
    ],
  ],
)}

Of a dataset of yours: \`GET /v1/datasets/{id}/cost\`, for operators.

## A million requests

${table(
  ['route', 'of a hundred', 'ms of a function', 'bytes sent', 'USD a million'],
  routes.map((route) => [
    `\`${route.route}\``,
    String(MIX.find((one) => one.route === route.route)?.share ?? 0),
    (route.function_ms / route.calls_made).toFixed(0),
    Math.round(route.sent_bytes / route.calls_made).toString(),
    usd(usdOf(times(ofRoute(route), MILLION))),
  ]),
)}

${byService({ 'a million of that mix': times(mixed(routes), MILLION) })}

## A month of ${MONTH.datasets} datasets

${table(
  ['', 'USD a month'],
  [
    ...Object.entries(parts).map(([name, usage]) => [name, usd(usdOf(usage))]),
    ['**in all**', `**${usd(usdOf(all))}**`],
  ],
)}

${byService({ 'a month': all })}`;
};
