import type { Dataset } from '@granary/domain/dataset';
import type { Run } from '@granary/domain/run';
import type { Source } from '@granary/domain/source';
import type { KnownSource } from '@granary/domain/use-cases/sources/known-sources';

export type PublicRun = Omit<Run, 'lease_until'>;
/** What the list of sources says of one. */
export type ListedSource = Pick<KnownSource, 'id' | 'origin' | 'state' | 'revision'> &
  Pick<Source, 'kind' | 'title' | 'schedule' | 'base_url'>;

type Page<T> = { items: T[]; next: string | null };

/** The items of all pages of a list. `get` gives what an address answers. */
export const allOf = async <T>(get: (path: string) => Promise<Page<T>>, path: string): Promise<T[]> => {
  const items: T[] = [];
  for (let next: string | null = null; ; ) {
    const cursor: string = next === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(next)}`;
    const page = await get(`${path}${cursor}`);
    items.push(...page.items);
    next = page.next;
    if (next === null) return items;
  }
};

/** Calls the running API as any client does, with a user's token. Throws an Error with the problem's detail. */
export const makeApiClient = (options: { baseUrl: string; token: () => Promise<string> }) => {
  const call = async <T>(method: string, path: string, headers: Record<string, string>, sent?: object): Promise<T> => {
    const answer = await fetch(`${options.baseUrl}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${await options.token()}` },
      ...(sent && { body: JSON.stringify(sent) }),
    });
    const body = (await answer.json()) as T & { detail?: string };
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${body.detail ?? ''}`);
    return body;
  };
  const get = <T>(path: string): Promise<T> => call<T>('GET', path, {});
  return {
    run: (id: string) => get<PublicRun>(`/v1/runs/${encodeURIComponent(id)}`),
    newestRuns: async (limit: number) => (await get<Page<PublicRun>>(`/v1/runs?limit=${limit}`)).items,
    hasUsers: async () => (await get<Page<unknown>>('/v1/users?limit=1')).items.length > 0,
    sources: () => allOf<ListedSource>(get, '/v1/admin/sources'),
    source: (id: string) => get<object>(`/v1/admin/sources/${id}`),
    putSource: (source: { id: string }, condition: Record<string, string>) =>
      call<unknown>(
        'PUT',
        `/v1/admin/sources/${source.id}`,
        { ...condition, 'content-type': 'application/json' },
        source,
      ),
    datasets: () => allOf<Dataset>(get, '/v1/datasets?limit=100'),
  };
};
export type ApiClient = ReturnType<typeof makeApiClient>;
