import type { Dataset } from '@granary/domain/dataset';
import type { Run } from '@granary/domain/run';

export type PublicRun = Omit<Run, 'lease_until'>;
/** What the list of sources says of one. */
export type ListedSource = { id: string; state: 'active' | 'paused' | 'deleted'; base_url: string; revision: number };

type Page<T> = { items: T[]; next: string | null };

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
  const all = async <T>(path: string): Promise<T[]> => {
    const items: T[] = [];
    let next: string | null = null;
    do {
      const page: Page<T> = await get(next === null ? path : `${path}&cursor=${encodeURIComponent(next)}`);
      items.push(...page.items);
      next = page.next;
    } while (next !== null);
    return items;
  };
  return {
    run: (id: string) => get<PublicRun>(`/v1/runs/${encodeURIComponent(id)}`),
    newestRuns: async (limit: number) => (await get<Page<PublicRun>>(`/v1/runs?limit=${limit}`)).items,
    hasUsers: async () => (await get<Page<unknown>>('/v1/users?limit=1')).items.length > 0,
    sources: async () => (await get<{ items: ListedSource[] }>('/v1/admin/sources')).items,
    source: (id: string) => get<object>(`/v1/admin/sources/${id}`),
    putSource: (source: { id: string }, condition: Record<string, string>) =>
      call<unknown>(
        'PUT',
        `/v1/admin/sources/${source.id}`,
        { ...condition, 'content-type': 'application/json' },
        source,
      ),
    datasets: () => all<Dataset>('/v1/datasets?limit=100'),
  };
};
export type ApiClient = ReturnType<typeof makeApiClient>;
