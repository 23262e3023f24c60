/** Long: the whole dashboard, in the order that it is read. */
import { FUNCTIONS } from '@granary/domain/metrics';
import { PRICES } from '@granary/domain/prices';
import { ALARMS, COMPOSITE } from './alarms.ts';
import type { ServiceFacts } from './facts.ts';
import { QUERIES } from './saved-queries.ts';
import {
  functionNamed,
  ofApi,
  ofAws,
  ofFunction,
  queueNamed,
  type Series,
  STAGE,
  THE_API,
  tableNamed,
} from './series.ts';
import {
  alarmLights,
  chart,
  figures,
  type Line,
  line,
  placed,
  table,
  type Unplaced,
  type Widget,
  words,
} from './widgets.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const RUNBOOK = 'What each alarm means and how it is mended: `docs/runbook.md`.';

const sum = (of: Series) => ({ of, stat: 'Sum' });

const state: Unplaced[][] = [
  [words(`# Granary ${STAGE}, \${AWS::Region}\n${RUNBOOK}`, 2)],
  [alarmLights('Alarms', [{ name: COMPOSITE }, ...ALARMS], 4)],
];

const ingestion = (facts: ServiceFacts): Unplaced[][] => [
  [words('## Collecting\nFrom the schedules over the queues to published versions.')],
  [
    figures('Versions', [
      line('published', ofFunction('Collected', 'collect'), 'Sum', 'green'),
      line('held', ofFunction('VersionsHeld', 'collect'), 'Sum', 'orange'),
      line('not read back', ofFunction('VersionsNotReadBack', 'collect'), 'Sum', 'red'),
      line('ledger imbalance', ofFunction('LedgerImbalances', 'collect'), 'Sum', 'red'),
    ]),
    figures(
      'Watched',
      [
        line('datasets overdue', ofFunction('DatasetsOverdue', 'watch'), 'Maximum', 'red'),
        line('sources failing', ofFunction('SourcesFailing', 'watch'), 'Maximum', 'red'),
      ],
      { whole: false, period_s: 900 },
    ),
  ],
  [
    chart(
      'Runs',
      [
        line('planned: datasets', ofFunction('RunsPlanned', 'plan'), 'Sum', 'blue'),
        line('planned: users', ofFunction('RunsPlanned', 'plan-users'), 'Sum', 'teal'),
        line('ended by the sweeper', ofFunction('RunsSwept', 'sweep'), 'Sum', 'red'),
      ],
      { left: 'runs' },
    ),
    chart(
      'Resources',
      [
        line('published', ofFunction('Collected', 'collect'), 'Sum', 'green'),
        line('unchanged', ofFunction('Unchanged', 'collect'), 'Sum', 'grey'),
        line('put off', ofFunction('PartsDeferred', 'collect'), 'Sum', 'orange'),
        line('failed', ofFunction('PartsFailed', 'collect'), 'Sum', 'red'),
      ],
      { left: 'resources', stacked: true },
    ),
    chart(
      'Rows',
      [
        line('published', ofFunction('RowsPublished', 'collect'), 'Sum', 'green'),
        line('quarantined', ofFunction('RowsQuarantined', 'collect'), 'Sum', 'orange', true),
        line('deduplicated', ofFunction('RowsDeduplicated', 'collect'), 'Sum', 'grey', true),
        {
          label: 'read and not accounted for',
          colour: 'red',
          right: true,
          expression: 'read - published - quarantined - deduplicated',
          over: {
            read: sum(ofFunction('RowsRead', 'collect')),
            published: sum(ofFunction('RowsPublished', 'collect')),
            quarantined: sum(ofFunction('RowsQuarantined', 'collect')),
            deduplicated: sum(ofFunction('RowsDeduplicated', 'collect')),
          },
        },
      ],
      { left: 'rows', right: 'rows put aside' },
    ),
  ],
  [
    chart(
      'Pages of users',
      [
        line('written', ofFunction('PagesWritten', 'fetch-users'), 'Sum', 'green'),
        line('put off', ofFunction('PagesDeferred', 'fetch-users'), 'Sum', 'orange'),
        line('failed', ofFunction('PagesFailed', 'fetch-users'), 'Sum', 'red'),
      ],
      { left: 'pages', stacked: true },
    ),
    chart(
      'Users',
      [
        line('new', ofFunction('UsersNew', 'fetch-users'), 'Sum', 'green'),
        line('overwritten', ofFunction('UsersOverwritten', 'fetch-users'), 'Sum', 'blue'),
        line('twice in a page', ofFunction('UsersMerged', 'fetch-users'), 'Sum', 'grey'),
        line('quarantined', ofFunction('UsersQuarantined', 'fetch-users'), 'Sum', 'orange'),
      ],
      { left: 'users' },
    ),
    chart(
      'Invocations that failed',
      FUNCTIONS.map((name) => line(name, ofFunction('InvocationsFailed', name), 'Sum')),
      { left: 'invocations', stacked: true },
    ),
  ],
  [words('### Queues and their dead letters', 1)],
  [
    chart(
      'Waiting',
      (['collect', 'fetch-users'] as const).flatMap((queue, at) => [
        line(
          queue,
          ofAws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', queueNamed(queue)),
          'Maximum',
          at ? 'teal' : 'blue',
        ),
        line(
          `${queue}: at work`,
          ofAws('AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', queueNamed(queue)),
          'Maximum',
          at ? 'violet' : 'green',
        ),
      ]),
      { left: 'messages', period_s: 60 },
    ),
    chart(
      'Dead letters',
      (['collect-dlq', 'fetch-users-dlq'] as const).map((queue, at) =>
        line(
          queue,
          ofAws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', queueNamed(queue)),
          'Maximum',
          at ? 'orange' : 'red',
        ),
      ),
      { left: 'messages', period_s: 60 },
    ),
    chart(
      'Age of the oldest message',
      (['collect', 'fetch-users'] as const).map((queue, at) =>
        line(
          queue,
          ofAws('AWS/SQS', 'ApproximateAgeOfOldestMessage', queueNamed(queue)),
          'Maximum',
          at ? 'teal' : 'blue',
        ),
      ),
      { left: 'seconds', period_s: 60, limit: { label: 'alarm', value: HOUR } },
    ),
    chart(
      'Messages',
      (['collect', 'fetch-users'] as const).flatMap((worker, at) => [
        line(`${worker}: handed out`, ofFunction('Messages', worker), 'Sum', at ? 'teal' : 'blue'),
        line(`${worker}: failed`, ofFunction('MessagesFailed', worker), 'Sum', at ? 'orange' : 'red'),
        line(`${worker}: unreadable`, ofFunction('MessagesUnreadable', worker), 'Sum', at ? 'brown' : 'violet'),
      ]),
      { left: 'messages' },
    ),
  ],
  [
    words(
      '### Freshness and sources\nTables are asked of the logs: a metric for each dataset would cost 0.30 USD a month each.',
    ),
  ],
  [
    table('Hours since each dataset was given', QUERIES.freshness, facts, { height: 8, weight: 3 }),
    table('Sources', QUERIES.sourceHealth, facts, { height: 8, weight: 2 }),
    table('Resources that failed', QUERIES.failedParts, facts, { height: 8, weight: 3 }),
  ],
];

const percentiles = (of: Series): Line[] => [
  line('p50', of, 'p50', 'green'),
  line('p95', of, 'p95', 'orange'),
  line('p99', of, 'p99', 'red'),
];

const api = (facts: ServiceFacts): Unplaced[][] => [
  [
    words(
      '## API\nThe gateway counts every request, functions those that it hands on: the difference was refused or throttled.',
    ),
  ],
  [
    chart(
      'Requests',
      [
        line('at the gateway', ofAws('AWS/ApiGateway', 'Count', THE_API), 'Sum', 'blue'),
        line('answered by functions', ofApi('Requests'), 'Sum', 'green'),
      ],
      { left: 'requests', period_s: 60 },
    ),
    chart(
      'Errors',
      [
        line('4xx at the gateway', ofAws('AWS/ApiGateway', '4XXError', THE_API), 'Sum', 'orange'),
        line('5xx at the gateway', ofAws('AWS/ApiGateway', '5XXError', THE_API), 'Sum', 'red'),
        line('4xx of functions', ofApi('ClientErrors'), 'Sum', 'grey'),
        line('5xx of functions', ofApi('ServerErrors'), 'Sum', 'violet'),
      ],
      { left: 'answers', period_s: 60 },
    ),
    chart('Latency at the gateway', percentiles(ofAws('AWS/ApiGateway', 'Latency', THE_API)), {
      left: 'ms',
      period_s: 60,
    }),
    chart('Latency within functions', percentiles(ofApi('Latency')), { left: 'ms', period_s: 60 }),
  ],
  [
    table('Routes (latency in ms)', QUERIES.routes, facts, { height: 8, weight: 3 }),
    table('Refused, by the gateway or by functions', QUERIES.refused, facts, { height: 8, weight: 2 }),
  ],
  [
    chart(
      'Functions of this account and region',
      [
        line('at work at once', ofAws('AWS/Lambda', 'ConcurrentExecutions', {}), 'Maximum', 'blue'),
        line('throttled', ofAws('AWS/Lambda', 'Throttles', {}), 'Sum', 'red', true),
      ],
      { left: 'containers', right: 'invocations', period_s: 60 },
    ),
    chart(
      'Throttled reads and writes of tables',
      (['catalog', 'users'] as const).flatMap((name, at) => [
        line(
          `${name}: reads`,
          ofAws('AWS/DynamoDB', 'ReadThrottleEvents', tableNamed(name)),
          'Sum',
          at ? 'violet' : 'orange',
        ),
        line(
          `${name}: writes`,
          ofAws('AWS/DynamoDB', 'WriteThrottleEvents', tableNamed(name)),
          'Sum',
          at ? 'brown' : 'red',
        ),
      ]),
      { left: 'events', period_s: 60 },
    ),
    chart(
      'Personal data shown unmasked',
      [
        line('answers', ofApi('UnmaskedReads'), 'Sum', 'orange'),
        line(
          'all answers about users',
          ofAws('AWS/Lambda', 'Invocations', functionNamed('api', 'users')),
          'Sum',
          'grey',
        ),
        line('users shown', ofApi('UnmaskedUsers'), 'Sum', 'red', true),
      ],
      { left: 'answers', right: 'users' },
    ),
  ],
];

const STATES = { SUCCEEDED: 'green', FAILED: 'red', CANCELED: 'orange' } as const;
const ofSql = (
  name: 'ProcessedBytes' | 'EngineExecutionTime' | 'QueryQueueTime' | 'TotalExecutionTime',
  QueryState: string,
) => ofAws('AWS/Athena', name, { QueryState, QueryType: 'DML', WorkGroup: `granary-${STAGE}` });

const sql: Unplaced[][] = [
  [words('## SQL\nQueries by `POST /v1/query`, each of which Athena bills by the bytes it read.')],
  [
    chart(
      'Queries',
      Object.entries(STATES).map(([name, colour]) =>
        line(name.toLowerCase(), ofSql('TotalExecutionTime', name), 'SampleCount', colour),
      ),
      { left: 'queries', stacked: true },
    ),
    chart('Bytes read', [line('bytes', ofSql('ProcessedBytes', 'SUCCEEDED'), 'Sum', 'blue')], { left: 'bytes' }),
    chart(
      'Time of a query',
      [
        line('engine, p50', ofSql('EngineExecutionTime', 'SUCCEEDED'), 'p50', 'green'),
        line('engine, p95', ofSql('EngineExecutionTime', 'SUCCEEDED'), 'p95', 'orange'),
        line('in the queue, p95', ofSql('QueryQueueTime', 'SUCCEEDED'), 'p95', 'grey'),
      ],
      { left: 'ms' },
    ),
  ],
];

/** What functions of a service cost: the time they ran with the memory they have, and each invocation. */
const costOf = (service: 'api' | 'ingestion', { functions }: ServiceFacts, colour: Line['colour']): Line => {
  const own = functions.filter((one) => one.service === service);
  const id = (kind: string, name: string) => `${kind}_${service}_${name.replaceAll('-', '_')}`;
  const terms = own.flatMap(({ name, memory_mb }) => [
    `${((memory_mb / 1024 / 1000) * PRICES.usd.lambda_gb_s).toPrecision(6)} * FILL(${id('ms', name)}, 0)`,
    `${PRICES.usd.lambda_request.toPrecision(6)} * FILL(${id('n', name)}, 0)`,
  ]);
  const over = own.flatMap(({ name }) => [
    [id('ms', name), sum(ofAws('AWS/Lambda', 'Duration', functionNamed(service, name)))],
    [id('n', name), sum(ofAws('AWS/Lambda', 'Invocations', functionNamed(service, name)))],
  ]);
  return { label: `functions of ${service}`, colour, expression: terms.join(' + '), over: Object.fromEntries(over) };
};

const cost = (facts: ServiceFacts): Unplaced[][] => [
  [
    words(
      `## Cost\nEstimates from what was counted, by the price table of ${PRICES.as_of} for ${PRICES.region}, without free tiers. The bill is in the Billing console; the budget (\`GRANARY_BUDGET_USD\`) sends mail.`,
    ),
  ],
  [
    chart(
      'Estimate, USD a day',
      [
        costOf('ingestion', facts, 'blue'),
        costOf('api', facts, 'teal'),
        {
          label: 'requests at the gateway',
          colour: 'green',
          expression: `${PRICES.usd.api_request.toPrecision(6)} * FILL(requests, 0)`,
          over: { requests: sum(ofAws('AWS/ApiGateway', 'Count', THE_API)) },
        },
        {
          label: 'tables',
          colour: 'orange',
          expression:
            `${PRICES.usd.dynamo_read.toPrecision(6)} * (FILL(rc, 0) + FILL(ru, 0)) + ` +
            `${PRICES.usd.dynamo_write.toPrecision(6)} * (FILL(wc, 0) + FILL(wu, 0))`,
          over: {
            rc: sum(ofAws('AWS/DynamoDB', 'ConsumedReadCapacityUnits', tableNamed('catalog'))),
            ru: sum(ofAws('AWS/DynamoDB', 'ConsumedReadCapacityUnits', tableNamed('users'))),
            wc: sum(ofAws('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', tableNamed('catalog'))),
            wu: sum(ofAws('AWS/DynamoDB', 'ConsumedWriteCapacityUnits', tableNamed('users'))),
          },
        },
        {
          label: 'SQL',
          colour: 'violet',
          expression: `${(PRICES.usd.athena_tb / 1e12).toPrecision(6)} * FILL(bytes, 0)`,
          over: { bytes: sum(ofSql('ProcessedBytes', 'SUCCEEDED')) },
        },
        {
          label: 'logs of the account',
          colour: 'grey',
          expression: `${(PRICES.usd.log_gb / 1e9).toPrecision(6)} * FILL(logged, 0)`,
          over: { logged: sum(ofAws('AWS/Logs', 'IncomingBytes', {})) },
        },
      ],
      { left: 'USD', period_s: DAY, stacked: true, weight: 2 },
    ),
    chart(
      'The account, month to date',
      [
        {
          label: 'owed so far (needs billing alerts)',
          of: ofAws('AWS/Billing', 'EstimatedCharges', { Currency: 'USD' }),
          stat: 'Maximum',
          region: 'us-east-1',
        },
      ],
      { left: 'USD', period_s: 6 * HOUR },
    ),
  ],
];

/** The body of the dashboard, as CloudWatch takes it. */
export const dashboard = (facts: ServiceFacts): { start: string; periodOverride: string; widgets: Widget[] } => ({
  start: '-PT12H',
  periodOverride: 'inherit',
  widgets: placed([...state, ...ingestion(facts), ...api(facts), ...sql, ...cost(facts)]),
});
