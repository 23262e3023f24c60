/** Steps that ask what a stage answers. */
import assert from 'node:assert/strict';
import { makeAnswerCheck, operationsOf, readDocument } from '../../conformance/answers.ts';

import { ended, PRODUCTION, type Step } from './world.ts';

export const answering: Step = {
  name: 'answers every example of its document as the document says',
  run: async ({ cloud }) => {
    const document = readDocument();
    const check = makeAnswerCheck(document);
    const one = async (path: string) => String((await cloud.json(path)).items[0].id);
    const query = await cloud.json('/v1/query', { body: { sql: `SELECT product, year FROM ${PRODUCTION}` } });
    const ids: Record<string, string> = {
      '/v1/runs': await one('/v1/runs?limit=1'),
      '/v1/users': await one('/v1/users?limit=1'),
      '/v1/query': query.id,
    };
    // What `deciding` does, and what a renderer for arm64 draws, which is what is deployed.
    const leftOut = process.arch === 'arm64' ? /^\/v1\/admin\/datasets\// : /^\/v1\/admin\/datasets\/|format=png/;
    const wrong: string[] = [];
    for (const { method, operation } of operationsOf(document))
      for (const example of operation['x-examples'] ?? []) {
        if (leftOut.test(example.path)) continue;
        const path = example.path.replace(/^(\/v1\/(?:runs|users|query))\/\{id\}/, (_, list) => `${list}/${ids[list]}`);
        const open = operation.security?.length === 0;
        const { body, headers } = example;
        const answer = await cloud.ask(path, { method, ...(open && { as: null }), body, headers });
        const said = { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
        const faults = answer.status < 400 ? check(operation, said) : [said.body.slice(0, 300)];
        if (faults.length > 0) wrong.push(`${method} ${path} → ${answer.status}: ${faults.join('; ')}`);
      }
    assert.deepEqual(wrong, []);
  },
};

export const exporting: Step = {
  name: 'gives out files by URLs that need no token',
  run: async ({ cloud }) => {
    for (const format of ['parquet', 'csv', 'raw', 'datapackage']) {
      const { location } = await cloud.json(`/v1/datasets/${PRODUCTION}/download?format=${format}&redirect=false`);
      const file = await fetch(location);
      assert.equal(file.status, 200, `${format}: ${location}`);
      assert.ok((await file.arrayBuffer()).byteLength > 100);
    }
    const stored = await cloud.json(`/v1/records/${PRODUCTION}?format=csv&redirect=false`);
    assert.equal((await fetch(stored.location)).status, 200);
  },
};

export const querying: Step = {
  name: 'answers SQL for analysts, and for nobody else',
  run: async ({ cloud }) => {
    const body = {
      sql: `SELECT count(*) AS n FROM ${PRODUCTION} WHERE year > ${Math.floor(Math.random() * 1e6) - 2e6}`,
    };
    const { items } = await cloud.json('/v1/query', { as: 'analyst', body });
    const { rows } = await cloud.json(`/v1/datasets/${PRODUCTION}`, { as: 'reader' });
    assert.deepEqual(items, [{ n: rows }]);
    assert.equal((await cloud.ask('/v1/query', { as: 'reader', body })).status, 403);
    const unknown = await cloud.ask('/v1/query', { as: 'analyst', body: { sql: `SELECT 1 FROM ${PRODUCTION}s` } });
    assert.equal(unknown.status, 400);
    assert.match(await unknown.text(), new RegExp(`perhaps you mean '${PRODUCTION}'`));
  },
};

export const scheduled: Step = {
  name: 'does what its schedules do: fetches users, looks how fresh datasets are, sweeps what was left',
  run: async ({ cloud }) => {
    const { run } = await cloud.invoke('ingestion', 'plan-users', { force: true, users: 2, size: 1 });
    assert.equal((await ended(cloud, run.id)).state, 'succeeded');
    await cloud.invoke('ingestion', 'watch', {});
    assert.deepEqual(await cloud.invoke('ingestion', 'sweep', {}), { closed: [], announced: [] });
  },
};
