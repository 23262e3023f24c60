import { SourceThrottled } from '../../errors.ts';
import type { Clock, HostBudget, HostSlot, Pace, Sleep } from '../../ports/collecting.ts';

/** A slot that is later than this is not waited for: a function that sleeps is paid for. */
export const LONGEST_WAIT_MS = 10_000;

/** Takes the next slot of a host and waits for it. Throws SourceThrottled when there is none soon. */
export const waitForSlot =
  ({ budget, clock, sleep }: { budget: HostBudget; clock: Clock; sleep: Sleep }) =>
  async (host: string, pace: Pace): Promise<HostSlot> => {
    const slot = await budget.take(host, { ...pace, within_ms: LONGEST_WAIT_MS });
    if ('retry_at' in slot) throw new SourceThrottled(`No request to ${host} is free within 10 s`, slot.retry_at);
    const wait = slot.at - clock();
    if (wait <= 0) return slot;
    await sleep(wait);
    // Another worker may have been told to wait meanwhile, and that goes for everybody.
    const until = await budget.blockedUntil(host);
    if (until > clock()) throw new SourceThrottled(`${host} asked its clients to wait`, until);
    return slot;
  };
