import { SourceRefused, SourceThrottled } from '../../errors.ts';
import type { Clock, FetchRequest, HostBudget, Pace, Sleep } from '../../ports/collecting.ts';
import { adaptedDelay } from '../../rules/adapted-delay.ts';
import { waitForSlot } from './wait-for-slot.ts';

type Deps = {
  budget: HostBudget;
  clock: Clock;
  sleep: Sleep;
  /** The pace that an address leaves of `pace`; throws where it may not be asked for. */
  permit?(url: URL, pace: Pace): Promise<Pace>;
};

/**
 * Makes one request (and those that it is redirected to) within the budget of each host, and tells the budget what came
 * of it. `ask` calls `before` ahead of each request and `answered` at each answer; `onRequest` is called for each that
 * goes out. Throws what `ask` throws; a SourceThrottled says until when the budget leaves the host alone, which may be
 * longer than the host asked for.
 */
export const askWithinBudget =
  ({ budget, clock, sleep, permit }: Deps) =>
  async <T>(
    pace: Pace,
    onRequest: () => void,
    ask: (told: Required<Pick<FetchRequest, 'before' | 'answered'>>) => Promise<T>,
  ): Promise<T> => {
    const refusedBefore = new Set<string>();
    const delays = new Map<string, number>();
    const before = async (url: URL): Promise<void> => {
      const permitted = permit ? await permit(url, pace) : pace;
      const { after_refusal, delay_ms = 0 } = await waitForSlot({ budget, clock, sleep })(url.host, permitted);
      if (after_refusal) refusedBefore.add(url.host);
      delays.set(url.host, delay_ms);
      onRequest();
    };
    const answered = async ({ host }: URL, answer: { ms: number; status: number }): Promise<void> => {
      const delay_ms = adaptedDelay(delays.get(host) ?? 0, answer);
      if (delay_ms !== undefined && (pace.burst ?? 1) === 1) await budget.setDelay(host, delay_ms);
    };
    const forgive = async (): Promise<void> => {
      for (const host of refusedBefore) await budget.answered(host);
    };
    try {
      const result = await ask({ before, answered });
      await forgive();
      return result;
    } catch (error) {
      if (error instanceof SourceRefused) await forgive();
      if (!(error instanceof SourceThrottled) || error.host === null) throw error;
      const until = await budget.block(error.host, error.until);
      throw new SourceThrottled(error.message, until, error.host, { answer: error.answer });
    }
  };
