import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AWS_METRICS } from '@granary/domain/aws-metrics';
import { DIMENSIONS, FUNCTIONS, METRICS, NAMESPACE } from '@granary/domain/metrics';
import { type InsightsEvent, readInsights } from '@granary/embedded-aws/logs/insights';
import { observe } from '@granary/runtime/http/observe';
import { makeLogger } from '@granary/runtime/logger';
import { describe, expect, it } from '@jest/globals';
import { packageService, SERVICES } from './packaged.ts';

const root = join(import.meta.dirname, '../..');
const source = (path: string) => readFileSync(join(root, path), 'utf8');

/** What a metric of a widget or an alarm is called, with its dimensions in the order of their names. */
type Named = { where: string; namespace: string; name: string; dimensions: Record<string, string> };
type Resource = { Type: string; Properties: Record<string, never> };
type Widget = {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; metrics?: unknown[][]; query?: string; alarms?: string[]; region?: string };
};
type MetricOfAlarm = { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
type AlarmProperties = MetricOfAlarm & {
  AlarmName: string;
  AlarmDescription: string;
  Metrics?: { Id: string; Expression?: string; MetricStat?: { Metric: MetricOfAlarm; Period: number } }[];
};

const STAGE = 'dev';
const resources = async (): Promise<Map<string, Resource>> => {
  const packaged = await Promise.all(SERVICES.map((service) => packageService(service, STAGE)));
  return new Map(packaged.flatMap(({ template }) => Object.entries(template.Resources) as never[]));
};
const ofType = async <Properties>(type: string): Promise<Properties[]> =>
  [...(await resources()).values()]
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties as unknown as Properties);

const theDashboard = async (): Promise<{ widgets: Widget[] }> => {
  const [dashboard] = await ofType<{ DashboardBody: { 'Fn::Sub': string } }>('AWS::CloudWatch::Dashboard');
  return JSON.parse(dashboard!.DashboardBody['Fn::Sub'].replaceAll('${AWS::Region}', 'us-east-1'));
};

const metricsOfWidget = ({ properties: { title, metrics = [] } }: Widget): Named[] =>
  metrics
    .filter(([first]) => typeof first === 'string')
    .map((metric) => {
      const [namespace, name, ...pairs] = metric.filter((part) => typeof part === 'string') as string[];
      const dimensions: Record<string, string> = {};
      for (let at = 0; at < pairs.length; at += 2) dimensions[pairs[at]!] = pairs[at + 1]!;
      return { where: title, namespace: namespace!, name: name!, dimensions };
    });
const shown = async (): Promise<Named[]> => (await theDashboard()).widgets.flatMap(metricsOfWidget);

const alarmed = async (): Promise<Named[]> =>
  (await ofType<AlarmProperties>('AWS::CloudWatch::Alarm')).flatMap((alarm) =>
    (alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [alarm]).map((metric) => ({
      where: alarm.AlarmName,
      namespace: metric.Namespace,
      name: metric.MetricName,
      dimensions: Object.fromEntries((metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    })),
  );

/** Every metric that is emitted, by each of those who emit it. */
const emitted: Pick<Named, 'name' | 'dimensions'>[] = Object.entries(METRICS).flatMap(([name, { by, of }]) =>
  of.map((one): Pick<Named, 'name' | 'dimensions'> => {
    if (by === 'service') return { name, dimensions: { service: one, stage: STAGE } };
    return { name, dimensions: { service: 'ingestion', stage: STAGE, function: one } };
  }),
);
const key = ({ name, dimensions }: Pick<Named, 'name' | 'dimensions'>) =>
  JSON.stringify([name, Object.entries(dimensions).sort()]);

describe('What is watched', () => {
  it('is emitted: no widget and no alarm names a metric of ours that nobody emits', async () => {
    const known = new Set(emitted.map(key));
    const own = [...(await shown()), ...(await alarmed())].filter(({ namespace }) => namespace === NAMESPACE);
    expect(own.length).toBeGreaterThan(40);
    expect(own.filter((one) => !known.has(key(one)))).toEqual([]);
  }, 540_000);

  it('is shown: nothing is emitted that no widget shows', async () => {
    const own = new Set((await shown()).filter(({ namespace }) => namespace === NAMESPACE).map(key));
    expect(emitted.filter((one) => !own.has(key(one)))).toEqual([]);
  }, 540_000);

  it("is one of AWS's own where it is not ours, with the dimensions by which AWS emits it", async () => {
    const theirs = [...(await shown()), ...(await alarmed())].filter(({ namespace }) => namespace !== NAMESPACE);
    const unknown = theirs.filter(({ namespace, name, dimensions }) => {
      const listed: { dimensions: readonly (readonly string[])[]; metrics: object } | undefined =
        AWS_METRICS[namespace as keyof typeof AWS_METRICS];
      const names = JSON.stringify(Object.keys(dimensions).sort());
      const fits = listed?.dimensions.some((set) => JSON.stringify([...set].sort()) === names);
      return !fits || !Object.hasOwn(listed!.metrics, name);
    });
    expect(unknown).toEqual([]);
    const used = new Set(theirs.map(({ namespace, name }) => `${namespace} ${name}`));
    const listed = Object.entries(AWS_METRICS).flatMap(([namespace, { metrics }]) =>
      Object.keys(metrics).map((name) => `${namespace} ${name}`),
    );
    expect(listed.filter((name) => !used.has(name))).toEqual([]);
  }, 540_000);

  it('is there: every function, queue, table, API and workgroup that a metric is of is deployed by some service', async () => {
    const named = async (type: string, property: string) =>
      (await ofType<Record<string, unknown>>(type)).map((properties) => properties[property]);
    const there: Record<string, readonly unknown[]> = {
      FunctionName: await named('AWS::Lambda::Function', 'FunctionName'),
      QueueName: await named('AWS::SQS::Queue', 'QueueName'),
      TableName: await named('AWS::DynamoDB::Table', 'TableName'),
      ApiName: await named('AWS::ApiGateway::RestApi', 'Name'),
      WorkGroup: await named('AWS::Athena::WorkGroup', 'Name'),
      Stage: [STAGE],
      stage: [STAGE],
      service: SERVICES,
      function: FUNCTIONS,
      Currency: ['USD'],
      QueryState: ['SUCCEEDED', 'FAILED', 'CANCELED'],
      QueryType: ['DML'],
    };
    const missing = [...(await shown()), ...(await alarmed())].flatMap(({ where, dimensions }) =>
      Object.entries(dimensions)
        .filter(([name, value]) => !there[name]?.includes(value))
        .map(([name, value]) => `${where}: ${name} ${value}`),
    );
    expect(missing).toEqual([]);
  }, 540_000);

  it('is emitted by the functions that the module says, whose code says its name', () => {
    const texts: Record<string, string> = {
      runtime: ['serve-worker', 'invocation'].map((file) => source(`packages/runtime/src/${file}.ts`)).join('\n'),
      delivery: source('services/ingestion/src/delivery.ts'),
    };
    const files = readdirSync(join(root, 'services/ingestion/src/functions'));
    expect(files.map((file) => file.replace('.ts', '')).sort()).toEqual([...FUNCTIONS].sort());
    for (const file of files) texts[file.replace('.ts', '')] = source(`services/ingestion/src/functions/${file}`);
    const says = (place: string, name: string) => new RegExp(`metrics\\.add\\([^;]*'${name}'`).test(texts[place] ?? '');
    for (const [name, { by, of }] of Object.entries(METRICS)) {
      if (by !== 'function') continue;
      const everywhere = says('runtime', name) || says('delivery', name);
      const places = FUNCTIONS.filter((fn) => says(fn, name));
      expect({ name, of: everywhere ? [...of] : places }).toEqual({ name, of: [...of] });
      if (everywhere) expect(places).toEqual([]);
    }
    const ofApi = Object.entries(METRICS).filter(([, { by }]) => by === 'service');
    const sites = source('packages/runtime/src/http/observe.ts') + source('packages/stores/src/read-audit.ts');
    for (const [name] of ofApi) expect(sites).toContain(`'${name}'`);
  });

  it('has few dimensions, each of few values: a metric is billed for every combination', () => {
    expect(DIMENSIONS).toEqual({ function: ['service', 'stage', 'function'], service: ['service', 'stage'] });
    // 0.30 USD a month each, where they are emitted all the time.
    expect(emitted.length).toBeLessThanOrEqual(50);
  });
});

describe('The dashboard', () => {
  it('fills its rows, and no widget lies over another', async () => {
    const { widgets } = await theDashboard();
    const taken = new Map<string, string>();
    for (const { x, y, width, height, properties } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let row = y; row < y + height; row++)
        for (let column = x; column < x + width; column++) {
          expect({ at: `${column}/${row}`, over: taken.get(`${column}/${row}`) }).toEqual({
            at: `${column}/${row}`,
            over: undefined,
          });
          taken.set(`${column}/${row}`, properties.title);
        }
    }
    const bottom = Math.max(...widgets.map(({ y, height }) => y + height));
    expect(taken.size).toBe(24 * bottom);
  }, 540_000);

  it('names its lines once in a widget, uses every id, and asks for metrics of its own region', async () => {
    const { widgets } = await theDashboard();
    for (const { properties } of widgets.filter(({ type }) => type === 'metric')) {
      const options = properties.metrics!.map((metric) => metric.at(-1) as Record<string, string>);
      const ids = options.flatMap(({ id }) => id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const expressions = options.map(({ expression = '' }) => expression).join(' ');
      for (const id of ids) {
        expect(id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
        expect(expressions).toMatch(new RegExp(`\\b${id}\\b`));
      }
      const labels = options.filter(({ visible }) => (visible as unknown) !== false).map(({ label }) => label);
      expect(new Set(labels).size).toBe(labels.length);
      expect(properties.region).toBe('us-east-1');
    }
  }, 540_000);

  it('shows every alarm', async () => {
    const { widgets } = await theDashboard();
    const names = widgets.flatMap(({ properties }) => properties.alarms ?? []).map((arn) => arn.split(':alarm:')[1]);
    const alarms = [
      ...(await ofType<AlarmProperties>('AWS::CloudWatch::CompositeAlarm')),
      ...(await ofType<AlarmProperties>('AWS::CloudWatch::Alarm')),
    ];
    expect(names.sort()).toEqual(alarms.map(({ AlarmName }) => AlarmName).sort());
  }, 540_000);
});

describe('An alarm', () => {
  it('says what is the matter, and where the runbook says how it is mended', async () => {
    const headings = [...source('docs/runbook.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    const alarms = await ofType<AlarmProperties>('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(10);
    for (const { AlarmName, AlarmDescription } of alarms) {
      const name = AlarmName.replace(`granary-${STAGE}-`, '');
      expect(AlarmDescription).toMatch(new RegExp(`^[A-Z].{30,}\\. docs/runbook\\.md#${name}$`));
      expect(headings).toContain(name);
    }
    const named = alarms.map(({ AlarmName }) => AlarmName.replace(`granary-${STAGE}-`, ''));
    // And what no alarm tells.
    const others = headings.slice(named.length);
    expect(headings).toEqual([...named, ...others]);
    for (const heading of others) expect(heading).toMatch(/^(A|The) /);
    expect(others.at(-1)).toBe('The budget');
  }, 540_000);

  it('judges ten metrics at most, over one period, by an expression that names them', async () => {
    for (const { AlarmName, Metrics } of await ofType<AlarmProperties>('AWS::CloudWatch::Alarm')) {
      if (!Metrics) continue;
      const [judged, ...over] = Metrics;
      expect({ AlarmName, metrics: over.length }).toEqual({ AlarmName, metrics: Math.min(10, over.length) });
      expect(new Set(over.map(({ MetricStat }) => MetricStat?.Period)).size).toBe(1);
      for (const { Id } of over) {
        expect(Id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
        if (judged?.Expression !== 'SUM(METRICS())') expect(judged?.Expression).toMatch(new RegExp(`\\b${Id}\\b`));
      }
    }
  }, 540_000);
});

describe('A saved query', () => {
  type Query = { Name: string; QueryString: string; LogGroupNames: string[] };
  it('asks groups of logs that there are, fifty at most', async () => {
    const functions = (await ofType<{ FunctionName: string }>('AWS::Lambda::Function')).map(
      ({ FunctionName }) => `/aws/lambda/${FunctionName}`,
    );
    const groups = (await ofType<{ LogGroupName: string }>('AWS::Logs::LogGroup')).map(
      ({ LogGroupName }) => LogGroupName,
    );
    const there = [...functions, ...groups];
    const queries = await ofType<Query>('AWS::Logs::QueryDefinition');
    expect(queries.length).toBeGreaterThan(5);
    for (const { Name, LogGroupNames } of queries) {
      expect(Name).toMatch(/^granary\/dev\/[a-z-]+$/);
      expect(LogGroupNames.length).toBeLessThanOrEqual(50);
      expect(LogGroupNames.filter((group) => !there.includes(group))).toEqual([]);
    }
    const { widgets } = await theDashboard();
    const asked = widgets.flatMap(({ properties: { query = '' } }) => [...query.matchAll(/SOURCE '([^']+)'/g)]);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.map(([, group]) => group).filter((group) => !there.includes(group!))).toEqual([]);
  }, 540_000);
});

/** Lines as functions write them, by what of them a query looks for. */
const sampleLines = (): InsightsEvent[] => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = makeLogger({ service: 'ingestion', write }).with({ stage: STAGE, function: 'collect' });
  log.warn('freshness', { dataset: 'a_b', source: 's', age_h: 50, every_h: 24, overdue: true });
  log.warn('source health', { source: 's', run: 'r', state: 'failed', ended_at: '2026-11-30', failed_runs: 2 });
  log.warn('part', { run: 'r', part: 1, dataset: 'a_b', outcome: 'failed', error: new Error('no') });
  log.error('invocation failed', { error: new Error('no') });
  const settings = { service: 'api', stage: STAGE, write, cors_origins: [], verify_token: undefined as never };
  const { before, after } = observe(settings, { method: 'GET', path: '/v1/datasets' });
  const event = { httpMethod: 'GET', headers: {}, trace: { id: '0'.repeat(32), sampled: false } };
  before({ event } as never);
  after({ event, response: { statusCode: 200, headers: {}, body: '' } } as never);
  // As config of services/api has the access log.
  write(
    '{"requestId":"1","method":"GET","route":"/v1/datasets","status":429,"latency":1,"bytes":2,"error":"THROTTLED"}',
  );
  const audit = { sub: 'a', route: 'GET /v1/users', users: 3, UnmaskedReads: 1, UnmaskedUsers: 3 };
  write(JSON.stringify({ message: 'personal data read', ...audit }));
  return lines.map((message) => ({ timestamp: Date.now(), message }));
};

describe('Every saved query', () => {
  it('finds what functions write, and has a value in every column', async () => {
    const lines = sampleLines();
    const { widgets } = await theDashboard();
    const shown = widgets.flatMap(({ properties: { query = [] } }) => [query].flat());
    const saved = await ofType<{ Name: string; QueryString: string }>('AWS::Logs::QueryDefinition');
    for (const text of [...saved.map(({ QueryString }) => QueryString), ...shown]) {
      const query = text.replaceAll(/SOURCE '[^']+' \| /g, '');
      const [row] = readInsights(query)(lines);
      const asked = [...query.matchAll(/ as (\w+)/g)].map(([, name]) => name);
      expect({ query, columns: row?.map(({ field }) => field) }).toEqual({
        query,
        columns: expect.arrayContaining(asked.length > 0 ? asked : ['@timestamp']),
      });
    }
  }, 180_000);
});

describe('The budget', () => {
  it('is made only where there are an amount and somebody to tell, and is named by stage and region', async () => {
    const { template } = await packageService('observability', STAGE);
    const { Budget } = template.Resources as never as Record<string, { Condition: string; Properties: unknown }>;
    expect(Budget).toMatchObject({
      Condition: 'ThereIsABudget',
      Properties: { Budget: { BudgetName: { 'Fn::Sub': 'granary-dev-${AWS::Region}' }, BudgetLimit: { Unit: 'USD' } } },
    });
    type Condition = { 'Fn::And'?: Condition[]; 'Fn::Not'?: [Condition]; 'Fn::Equals'?: [string, string] };
    const holds = ({ 'Fn::And': all, 'Fn::Not': not, 'Fn::Equals': equals }: Condition): boolean => {
      if (all) return all.every(holds);
      return not ? !holds(not[0]) : equals![0] === equals![1];
    };
    const { ThereIsABudget } = (template as never as { Conditions: Record<string, Condition> }).Conditions;
    const with_ = (usd: string, mail: string) => {
      const [none, zero, nobody] = ThereIsABudget!['Fn::And']!;
      const put = (condition: Condition, value: string): Condition => ({
        'Fn::Not': [{ 'Fn::Equals': [value, condition['Fn::Not']![0]['Fn::Equals']![1]] }],
      });
      return holds({ 'Fn::And': [put(none!, usd), put(zero!, usd), put(nobody!, mail)] });
    };
    expect(holds(ThereIsABudget!)).toBe(false);
    expect([with_('50', 'a@b.example'), with_('50', ''), with_('0', 'a@b.example'), with_('', 'a@b.example')]).toEqual([
      ...[true, false, false, false],
    ]);
  }, 540_000);
});

describe('The group of traces', () => {
  it('is of every function of the stage, within what X-Ray takes', async () => {
    const [group] = await ofType<{ GroupName: string; FilterExpression: string }>('AWS::XRay::Group');
    // 32 characters; a stage has 16 at most.
    expect(group!.GroupName.length - STAGE.length + 16).toBeLessThanOrEqual(32);
    for (const { FunctionName } of await ofType<{ FunctionName: string }>('AWS::Lambda::Function'))
      expect(group!.FilterExpression).toContain(`service("${FunctionName}")`);
  }, 540_000);
});
