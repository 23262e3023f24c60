import type { Dataset } from '@granary/domain/dataset';
import type { Run } from '@granary/domain/run';

export type PublicRun = Omit<Run, 'lease_until'>;
type Page<T> = { items: T[]; next: string | null };

/** Reads the running API as any client does, with a user's token. Throws an Error with the problem's detail. */
export const makeApiClient = (options: { baseUrl: string; token: () => Promise<string> }) => {
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${options.baseUrl}${path}`, {
      headers: { authorization: `Bearer ${await options.token()}` },
    });
    const body = (await answer.json()) as T & { detail?: string };
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${body.detail ?? ''}`);
    return body;
  };
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
    datasets: () => all<Dataset>('/v1/datasets?limit=100'),
  };
};
export type ApiClient = ReturnType<typeof makeApiClient>;
