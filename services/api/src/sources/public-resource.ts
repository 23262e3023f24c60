import { InvalidRequest, NotFound } from '@granary/domain/errors';
import { inBatches } from '@granary/domain/in-batches';
import type { ResourceReader } from '@granary/domain/ports/resource-store';
import { hostOf, type ResourceRecord } from '@granary/domain/resource-record';
import * as z from 'zod/mini';

/** A resource as the API names it: the ids of its source and its own. */
const nameOf = ({ source, id }: Pick<ResourceRecord, 'source' | 'id'>): string => `${source}:${id}`;

/** What callers see of a resource. `shared`: the resource that has the same address and is fetched. */
export const publicResource = (record: ResourceRecord, shared?: ResourceRecord) => {
  const { source, resource, state, reason, checked_at, status, response_ms, failures, retry_at, excluded } = record;
  return {
    id: nameOf(record),
    source,
    title: resource.title ?? null,
    url: resource.url,
    host: hostOf(resource),
    ...{ state, reason, checked_at, status, response_ms },
    datasets: [...(shared ?? record).datasets],
    same_as: record.same_as === null ? null : nameOf({ source, id: record.same_as }),
    ...{ failures, retry_at },
    listed_at: record.listed?.at ?? null,
    modified: resource.modified ?? null,
    gone_at: record.gone?.at ?? null,
    excluded: excluded && { reason: excluded.reason, at: excluded.at },
    contract: record.contract,
  };
};

/** The same with the datasets of those that have the same address. */
export const publicResources = async (store: ResourceReader, records: readonly ResourceRecord[]) => {
  const wanted = new Map(
    records.flatMap(({ source, same_as }) =>
      same_as === null ? [] : [[nameOf({ source, id: same_as }), { source, id: same_as }] as const],
    ),
  );
  const found = await inBatches(
    [...wanted],
    async ([name, { source, id }]) => [name, await store.getRecord(source, id)] as const,
  );
  const shared = new Map(found);
  return records.map((record) =>
    publicResource(record, record.same_as === null ? undefined : shared.get(nameOf({ ...record, id: record.same_as }))),
  );
};

/** The path of one resource. */
export const resourcePath = () => z.object({ id: z.string().check(z.minLength(3), z.maxLength(400)) });

/** The resource of that name. Throws InvalidRequest for what is none, and NotFound. */
export const findResource = async (store: ResourceReader, name: string): Promise<ResourceRecord> => {
  const [, source, id] = /^([a-z][a-z0-9_]*):(.+)$/s.exec(name) ?? [];
  if (!source || !id)
    throw InvalidRequest.of(
      'id',
      'is an `id` of GET /v1/resources',
      `'${name}' is no name of a resource: \`source:id\`.`,
    );
  const record = await store.getRecord(source, id);
  if (record) return record;
  throw new NotFound(`There is no resource '${id}' of '${source}'; GET /v1/resources?source=${source} lists them.`);
};
