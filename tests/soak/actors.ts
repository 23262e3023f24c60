import { setTimeout as sleep } from 'node:timers/promises';
import { sendRudeRequests } from '@granary/local/testing/rude-clients';
import { planNow, setReplica } from '../e2e/collecting.ts';
import { portsOf } from '../e2e/stack.ts';
import { call } from '../e2e/users-api.ts';
import type { Lab, Random } from './lab.ts';

/** What happened, by name, and what should not have. */
export type Tally = { counts: Map<string, number>; failed: string[] };

export type Scene = { lab: Lab; random: Random; tally: Tally; isOver(): boolean };

const count = ({ counts }: Tally, what: string, by = 1): void => void counts.set(what, (counts.get(what) ?? 0) + by);

/**
 * Does something again and again, with pauses, until all is over. What fails while the stack is killed or started is
 * nobody's fault.
 */
const again = async (
  scene: Scene,
  [least_s, most_s]: readonly [number, number],
  act: (scene: Scene) => Promise<void>,
): Promise<void> => {
  while (!scene.isOver()) {
    const { lab, tally, random } = scene;
    const before = lab.kills;
    const calm = !lab.isDisturbed();
    try {
      await act(scene);
    } catch (error) {
      if (calm && !lab.isDisturbed() && before === lab.kills)
        tally.failed.push(`${act.name}: ${(error as Error).message}`);
    }
    const until = performance.now() + 1000 * random.integer(least_s, most_s);
    while (!scene.isOver() && performance.now() < until) await sleep(100);
  }
};

const pick = <T>(random: Random, of: readonly T[]): T => of[random.integer(0, of.length - 1)]!;

const FILE_FAULTS = 'mojibake latin1 bom crlf excel-thousands ragged text-figure no-header blank-rows four-times'.split(
  ' ',
);
const USER_FAULTS =
  'user-without-id user-without-last-name user-id-2-53 user-text-coordinates user-twice error-200'.split(' ');
const WIRE_FAULTS = '429 500 cut slow redirect-private redirect-loop html empty huge zip-bomb'.split(' ');

const faultFor = (random: Random) => {
  const users = random.chance(0.3);
  const kind = pick(random, [...(users ? USER_FAULTS : FILE_FAULTS), ...WIRE_FAULTS]);
  const path = users
    ? '/api/v2/users'
    : `/download/${pick(random, ['*', 'Producao.csv', 'Imp*', 'Exp*', 'Comercio.csv', 'Processa*'])}`;
  return {
    path,
    kind,
    limit: random.integer(1, 4),
    retry_after_s: random.integer(0, 3),
    delay_ms: 50,
    bytes: 100_000_000,
  };
};

/** Another year of figures, some faults, and a collection of it all. */
const publish = async ({ lab, random, tally }: Scene): Promise<void> => {
  const faults = Array.from({ length: random.integer(0, 3) }, () => faultFor(random));
  await setReplica(lab.stack, { vintage: random.integer(2021, 2026), faults });
  count(tally, 'faults', faults.length);
  await planNow(lab.stack);
  count(tally, 'collections asked for');
};

const fetchUsers = async ({ lab, random, tally }: Scene): Promise<void> => {
  const body = { users: random.integer(1, 300), size: random.integer(20, 100) };
  const answer = await call(lab.stack, 'operator', '/fetch-data', body);
  if (answer.status !== 202) throw new Error(`${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  count(tally, 'fetches of users asked for');
};

const STATEMENTS = [
  'SELECT count(*) AS n FROM embrapa_producao',
  'SELECT year, sum(quantity_kg) AS kg FROM embrapa_imp_vinhos GROUP BY year ORDER BY year',
  'SELECT count(DISTINCT version) AS published FROM embrapa_producao_versions',
];

const query = async ({ lab, random, tally }: Scene): Promise<void> => {
  const answer = await call(lab.stack, 'analyst', '/v1/query', { sql: pick(random, STATEMENTS) });
  const text = await answer.text();
  if (![200, 202, 429].includes(answer.status)) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
  count(tally, 'queries');
};

const beRude = async ({ lab, random, tally }: Scene): Promise<void> => {
  const ports = portsOf(lab.stack.port).filter((_, index) => index !== 3);
  const paths = ['/', '/health', '/openapi.json', '/v1/datasets', '/2015-03-31/functions/x/invocations'];
  const sent = random.integer(10, 80);
  await sendRudeRequests({ ports, paths, count: sent, seed: String(random.next()), at_once: 5 });
  count(tally, 'rude requests', sent);
};

const kill = async ({ lab, random, tally }: Scene): Promise<void> => {
  await lab.killAndRestart(random.integer(0, 2_000));
  count(tally, 'kills');
};

/** Everybody who disturbs the stack, or asks something of it besides reading. `quiet`: nobody kills. */
export const startActors = (
  sceneOf: (actor: string) => Scene,
  options: { kill_every_s: readonly [number, number] },
) => {
  const killing = async () => {
    const scene = sceneOf('kill');
    const until = performance.now() + 1000 * options.kill_every_s[0];
    while (!scene.isOver() && performance.now() < until) await sleep(100);
    await again(scene, options.kill_every_s, kill);
  };
  return Promise.all([
    again(sceneOf('publish'), [3, 12], publish),
    again(sceneOf('fetchUsers'), [5, 20], fetchUsers),
    again(sceneOf('query'), [2, 6], query),
    again(sceneOf('beRude'), [1, 5], beRude),
    killing(),
  ]);
};
