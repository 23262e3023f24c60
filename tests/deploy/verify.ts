/**
 * `npm run verify:deploy`: deploys a stage to an AWS that nobody here wrote (tests/ministack), by the project's own
 * commands and with IAM enforced: twice with a change between; uses what came up; removes it, and deploys onto what
 * stayed. Wants Python (see ../ministack/install-python.ts).
 */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetStageCommand } from '@aws-sdk/client-api-gateway';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { startReplica } from '@granary/replica/replica';
import { startMinistack } from '../ministack/ministack.ts';
import { makeCloud, until } from './cloud.ts';
import { allow, DEPLOYER, lacking, makeDeployer, readDeployerPolicy } from './deployer.ts';
import { sealByAnotherKey } from './earlier-key.ts';
import { runEndToEnd } from './end-to-end.ts';
import { collecting } from './flow/publishing.ts';
import type { World } from './flow/world.ts';
import { STEPS, TROUBLE } from './flow.ts';
import { type Grant, grantsOf, nameOf, needs, readDecisions } from './grants.ts';
import { leftovers } from './leftovers.ts';
import { refusedInLogs } from './logs.ts';
import { readOptions } from './options.ts';
import { readProvenElsewhere } from './proven-elsewhere.ts';
import { makeReport } from './report.ts';
import { sampleOf } from './sample.ts';
import { makeShell } from './shell.ts';
import { sourceVariables } from './stage-sources.ts';
import { makeTrials } from './trials.ts';
import { makeWorkingCopy } from './working-copy.ts';

const { stage, region, seed, endToEnd, ...options } = readOptions();

/** What the deployer calls after something failed. */
const WHEN_IT_FAILS = ['Stacks: cloudformation:DeleteChangeSet'];

const report = makeReport();
const copy = makeWorkingCopy();
const replica = await startReplica({ port: 0, users_port: 0 });
const ministack = await startMinistack({ region });
const cloud = makeCloud(ministack, stage);
const world: World = { cloud, replica, edition: 0 };
const { lambda, gateway } = cloud.clients;
const policy = readDeployerPolicy();
const shell = makeShell(copy.folder, {
  ...ministack.env,
  ...(await makeDeployer(cloud, policy)),
  // Its portal is a source that an operator puts (flow/sources.ts): the end-to-end tests count what the others have.
  ...sourceVariables({ embrapa: replica.bases.embrapa, random_users: replica.bases.users }),
  GRANARY_PRIVATE_ORIGINS: new URL(replica.bases.embrapa).origin,
  GRANARY_USERS_PER_MINUTE: '60000',
  // Makes the budget, and somebody who is told.
  ...{ GRANARY_ALARM_EMAIL: 'operator@granary.example', GRANARY_BUDGET_USD: '50' },
  // osls looks every five seconds how far CloudFormation is, which here has done its work within one.
  SLS_AWS_MONITORING_FREQUENCY: '250',
});
const where = ['--stage', stage, '--region', region];
const deploy = () => shell.npm(['deploy', '--', ...where]);
console.log(`ministack ${ministack.endpoint} (log ${ministack.log}), seed ${seed}`);

const end = async (): Promise<never> => {
  const good = report.close();
  if (options.keep) {
    console.log(`${ministack.endpoint} runs until Ctrl-C.`);
    await new Promise((resolve) => process.once('SIGINT', resolve));
  }
  cloud.close();
  await ministack.stop();
  await replica.close();
  copy.remove();
  process.exit(good ? 0 : 1);
};
for (const signal of ['SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    copy.remove();
    void ministack.stop().then(() => process.exit(1));
  });

if (!(await report.check('npm run deploy brings up every stack', deploy))) await end();

await report.check('granary-admin makes the first operator, who sets a password and signs in by SRP', async () => {
  const root = { ...ministack.env };
  const made = await shell.npm(['admin', '--', 'users', 'add', 'first', '--groups', 'operators', ...where, '--json'], {
    env: root,
  });
  const { temporary_password } = JSON.parse(made.slice(made.indexOf('{')));
  const input = `${temporary_password}\nA-new-one-of-16!\nA-new-one-of-16!\n`;
  const token = await shell.npm(['token', '--', 'first', ...where], { env: root, input });
  const answer = await cloud.ask('/v1/admin/dead-letters', {
    as: null,
    headers: { authorization: `Bearer ${token.trim()}` },
  });
  assert.equal(answer.status, 200, await answer.text());
  await cloud.meet();
  await cloud.stopSchedules();
});

const trials = makeTrials(cloud, world);
for (const step of STEPS) await report.check(step.name, () => trials.first(step));

await report.check('its API is throttled, route by route', async () => {
  const { methodSettings = {} } = await gateway.send(
    new GetStageCommand({ restApiId: await cloud.apiId(), stageName: stage }),
  );
  const limits = (path: string) => {
    // AWS names a path without its first slash, ministack with it.
    const { throttlingRateLimit, throttlingBurstLimit } = methodSettings[path] ?? methodSettings[`/${path}`] ?? {};
    return [throttlingRateLimit, throttlingBurstLimit];
  };
  const seen = JSON.stringify(methodSettings);
  assert.deepEqual(limits('*/*'), [50, 100], seen);
  for (const path of ['~1v1~1query/POST', '~1v1~1query~1{id}/GET', '~1v1~1query~1{id}/DELETE'])
    assert.deepEqual(limits(path), [10, 20], `${path}: ${seen}`);
});

await report.check('a second deployment, with a new endpoint and more memory for a function, is live', async () => {
  const at = (path: string) => join(copy.folder, path);
  copyFileSync(at('docs/examples/get-licence.ts'), at('services/api/src/endpoints/catalog/get-licence.ts'));
  const sweep = at('services/ingestion/src/functions/sweep.ts');
  writeFileSync(sweep, readFileSync(sweep, 'utf8').replace('memory_mb: 256', 'memory_mb: 320'));
  await shell.npm(['gen']);
  const path = '/v1/datasets/embrapa_producao/licence';
  assert.ok((await cloud.ask(path)).status >= 400, 'the endpoint was there before it was deployed');
  await deploy();
  cloud.forget();
  const FunctionName = `granary-ingestion-${stage}-sweep`;
  assert.equal((await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).MemorySize, 320);
  assert.ok(await cloud.json(path));
  await collecting.run(world);
});

if (endToEnd.length > 0)
  await report.check(`the end-to-end tests pass: ${endToEnd.join(', ')}`, async () => {
    const said = await runEndToEnd(cloud, endToEnd);
    // The tests gave the stage back as if nobody had used it.
    await cloud.stopSchedules();
    const asBefore = { method: 'PUT', body: JSON.stringify({ rate_limit: null }) };
    await fetch(new URL('/__replica', replica.bases.embrapa), asBefore);
    return said;
  });

await report.check('nobody was refused anything, and no log says so', async () => {
  const refused = readDecisions(cloud).filter(({ decision }) => decision !== 'Allow');
  const lines = [...new Set(refused.map(({ by, action, resource }) => `${by}: ${action} on ${resource}`))];
  assert.deepEqual([...lines, ...(await refusedInLogs(cloud))], []);
});

for (const step of TROUBLE) await report.check(step.name, () => trials.first(step));

const grants = await grantsOf(cloud);
await report.check(`each of the ${grants.length} grants of functions was needed`, async () => {
  const decisions = readDecisions(cloud);
  const idle = grants.filter((grant) => !decisions.some((one) => needs(one, grant)));
  const elsewhere = readProvenElsewhere();
  const without = idle.filter((grant) => !elsewhere.some(({ speaksOf }) => speaksOf(grant)));
  const needless = elsewhere.filter(({ speaksOf }) => !idle.some(speaksOf)).map(({ line }) => line);
  assert.deepEqual({ without: without.map(nameOf).sort(), needless }, { without: [], needless: [] });
  return `${grants.length - idle.length} by the flow, ${idle.length} by tests that proven-elsewhere.txt names`;
});
const only = new RegExp(options.only);
const driven = grants.filter((grant) => only.test(nameOf(grant)) && trials.isNeeded(grant));
await report.check('each of them can be tried: a step that can be made again needed it', async () => {
  const decisions = readDecisions(cloud);
  const once = grants.filter((grant) => !trials.isNeeded(grant) && decisions.some((one) => needs(one, grant)));
  assert.deepEqual(once.map(nameOf), []);
});
const tried = sampleOf(driven, options.grants === 'all' ? driven.length : Number(options.grants), seed);
let refused = new Map<Grant, string>();
await report.check(`${tried.length} grants are taken away, one of each function at a time`, async () => {
  refused = await trials.refusedTogether(tried);
  return `${refused.size} are refused at once, ${tried.length - refused.size} are tried by themselves`;
});
for (const grant of tried)
  await report.check(
    `it is noticed when this is not allowed any more: ${nameOf(grant)}`,
    async () => refused.get(grant) ?? trials.missed(grant),
  );

const PRODUCTION = 'embrapa_producao';
const firstVersion = async () => {
  const { location } = await cloud.json(`/v1/datasets/${PRODUCTION}/download?version=1&format=csv&redirect=false`);
  const [rows] = await cloud.json(`/v1/records/${PRODUCTION}?version=1&select=line.count()`);
  return { rows, bytes: Buffer.from(await (await fetch(location)).arrayBuffer()) };
};
const someUsers = async () => (await cloud.json('/v1/users?limit=5', { as: 'analyst' })).items;
let kept: { first: Awaited<ReturnType<typeof firstVersion>>; users: unknown[] } | undefined;
await report.check('npm run remove without a terminal to ask on does nothing', async () => {
  const said = await shell.npm(['remove', '--', ...where]).then(
    () => assert.fail('it removed without being sure'),
    (error: Error) => error.message,
  );
  assert.match(said, /Nothing was done: there is no terminal/);
  assert.equal((await cloud.ask('/health', { as: null })).status, 200);
});
await report.check('npm run remove takes it away, and what stays is what it said', async () => {
  // Schedules of the next deployment fetch at once, and one user in a hundred has the key of one who is there already,
  // whom it replaces: the source gives none until they were compared.
  replica.setFaults([{ path: '/api/v2/users', kind: 'html' }]);
  kept = { first: await firstVersion(), users: await someUsers() };
  const said = await shell.npm(['remove', '--', ...where, '--yes']);
  const left = await leftovers(cloud);
  const kinds = Object.fromEntries(
    [...Map.groupBy(left, ({ kind }) => kind)].map(([kind, { length }]) => [kind, length]),
  );
  // docs/deploy.md: Removal.
  assert.deepEqual(kinds, { bucket: 1, table: 2, 'user pool': 1, key: 1, role: 1 }, JSON.stringify(left));
  for (const { kind, name } of left)
    assert.ok(said.includes(name), `${kind} ${name} stayed, of which it said nothing:\n${said}`);
  return left.map(({ kind, name }) => `stays: ${kind} ${name}`).join('\n');
});
await report.check('a deployer who lacks one action is told which', async () => {
  // Asked before anything is made.
  const early = /^cloudformation:(DescribeStacks|CreateChangeSet)$|^dynamodb:Describe|^cognito-idp:ListUserPools$/;
  const actions = policy.Statement.flatMap(({ Sid, Action }) => Action.map((action) => ({ Sid, action })));
  const [{ Sid, action } = { Sid: '', action: '' }] = sampleOf(
    actions.filter((one) => early.test(one.action)),
    1,
    seed,
  );
  await allow(cloud, lacking(policy, Sid, action));
  const said = await deploy().then(
    () => assert.fail(`it deployed without ${action}`),
    (error: Error) => error.message,
  );
  await allow(cloud, policy);
  assert.match(said, /not authorized to perform/);
  return `without ${action}`;
});
await report.check('npm run deploy takes up what stayed: version 1 and users are as they were', async () => {
  const before = await sealByAnotherKey(cloud);
  const said = await deploy();
  assert.match(said, new RegExp(`What the key ${before.KeyId} sealed can be opened`));
  const granted = (await before.tags()).find(({ TagKey }) => TagKey === 'granary-users');
  assert.equal(granted?.TagValue, stage);
  await before.forget();
  cloud.forget();
  await cloud.meet();
  await until(
    async () => (await cloud.ask('/health', { as: null })).status,
    (status) => status === 200,
    20_000,
  );
  assert.ok(kept && kept.users.length > 0);
  const first = await firstVersion();
  assert.deepEqual(first.rows, kept.first.rows);
  // Not the bytes themselves: a difference would print all of them.
  assert.ok(first.bytes.equals(kept.first.bytes), 'version 1 has other bytes than before');
  assert.deepEqual(await someUsers(), kept.users);
  await collecting.run(world);
});
await report.check('what the deployer may do was needed', async () => {
  const decisions = readDecisions(cloud).filter(({ by }) => by.split('/')[1] === DEPLOYER);
  const used = new Set(
    decisions.map(({ needs: needed }) => needed && JSON.stringify([needed.action, needed.resources])),
  );
  const idle = policy.Statement.flatMap(({ Sid, Action, Resource }) =>
    Action.filter((action) => !used.has(JSON.stringify([action, [Resource].flat()]))).map(
      (action) => `${Sid}: ${action}`,
    ),
  );
  assert.deepEqual(idle, WHEN_IT_FAILS);
});

await report.check("npm run remove -- --delete-data leaves nothing but the role of API Gateway's logs", async () => {
  // The deployer may not: it is the account's root that does.
  const said = await shell.npm(['remove', '--', ...where, '--yes', '--delete-data'], { env: { ...ministack.env } });
  // The key of an earlier stack is nobody's to delete here: it was not made for this one.
  const left = (await leftovers(cloud)).filter(({ kind }) => kind !== 'key');
  assert.deepEqual(
    left.map(({ kind }) => kind),
    ['role'],
  );
  assert.match(said, /until then: aws kms cancel-key-deletion/);
});

await end();
