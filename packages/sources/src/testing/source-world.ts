import { createHash, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceRefused } from '@granary/domain/errors';
import { type TableKind, withKind } from '@granary/domain/kind';
import type { Fetcher } from '@granary/domain/ports/collecting';
import type { Run } from '@granary/domain/run';
import type { SourceDefinition } from '@granary/domain/source';
import { planCollection } from '@granary/domain/use-cases/collect/plan-collection';
import { type Worked, workOnPart } from '@granary/domain/use-cases/collect/work-on-part';
import { fixedSources } from '@granary/domain/use-cases/testing/fixed-sources';
import { makeWorld, type World } from '@granary/domain/use-cases/testing/world';
import { byteSource, readTable, rowsOf } from '@granary/tabular/read-table';
import { checkSource } from '../check-source.ts';

/** For tests: a source of the port, with what is said of it besides. */
export const portSource = (kind: TableKind<never>, config: object, rest: object = {}): SourceDefinition =>
  withKind(
    kind,
    checkSource(
      {
        ...{ id: 'port', kind: kind.kind, title: 'Port', publisher: 'The port', theme: 'environment', tags: [] },
        ...{ licence: { name: 'CC0-1.0', title: 'Public domain' }, schedule: 'rate(1 day)' },
        ...{ base_url: 'http://port.test/', requests_per_minute: 6000, max_bytes: 5_000_000, datasets: [] },
        ...{ config, ...rest },
      },
      [kind],
    ) as never,
  );

/** What lies at the paths (with their queries) of the port's site; anything else is answered by 404. */
export type Site = Record<string, string | Uint8Array>;

/** For tests: a fetcher of a site, which writes down what it is asked for. */
export const siteFetcher =
  (site: Site, asked: string[] = []): Fetcher =>
  async ({ url, before }) => {
    const { host, pathname, search } = new URL(url);
    await before(new URL(url));
    asked.push(`${pathname}${search}`);
    const body = site[`${pathname}${search}`];
    if (body === undefined)
      throw new SourceRefused(`${host} answered 404`, { answer: { host, status: 404, content: null } });
    const path = join(tmpdir(), `granary-test-${randomUUID()}`);
    writeFileSync(path, body);
    const sha256 = createHash('sha256').update(body).digest('hex');
    const said = { etag: null, last_modified: null, content_type: null, link: null };
    return { status: 'fetched', path, bytes: Buffer.byteLength(body), sha256, ...said };
  };

/** For tests: a run of its own, a day after the one before; all its messages are worked on, those it leads to too. */
export const collectAll = async (
  world: World,
  source: SourceDefinition,
  fetch: Fetcher,
  { accept_gone }: { accept_gone?: boolean } = {},
): Promise<{ run: Run; worked: Worked[] }> => {
  const deps = {
    ...world,
    fetch,
    sources: fixedSources(source),
    findSource: () => source,
    baseUrl: () => source.base_url,
  };
  world.pass(86_400_000);
  const from = world.queue.sent.length;
  const { runs } = await planCollection(deps)({ force: true, accept_gone });
  const worked: Worked[] = [];
  for (let at = from; at < world.queue.sent.length && worked.length < 50; at++) {
    const delivery = { receive_count: 1, receipt_handle: 'r', memory_gb: 1 };
    const done = await workOnPart(deps)(world.queue.sent[at]!.message, delivery);
    worked.push(done);
    if (done.decision === 'defer') world.pass(done.delay_s * 1000);
  }
  return { run: (await world.runs.getRun(runs[0]!.id))!, worked };
};

/** For tests: the rows of the latest version of a dataset, without `processing_date`. */
export const latestRows = async (world: World, dataset: string): Promise<unknown[][]> => {
  const [latest] = await world.catalog.listVersions(dataset, { limit: 1 });
  const table = await readTable(byteSource((await world.objects.get(`${latest!.prefix}data.parquet`))!));
  return [...rowsOf(table)].map((row) => Object.values(row).slice(0, -1));
};

export { makeWorld };
