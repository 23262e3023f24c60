import * as z from 'zod/mini';
import { CollectMessage } from '../../messages/collect.ts';
import { MAX_RECEIVES } from '../../messages/part.ts';
import type { ChangeVisibility, Clock } from '../../ports/collecting.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { NO_COUNTS } from '../../run.ts';
import type { Delivery } from '../runs/fail-part.ts';
import { hasPart } from '../runs/run-of-message.ts';

export type RejectDeps = {
  runs: Pick<RunStore, 'endPart' | 'getRun'>;
  changeVisibility: ChangeVisibility;
  clock: Clock;
};

/** Even an unreadable message may say whose it was. */
export const Whose = z.object({ run: CollectMessage.shape.run, part: CollectMessage.shape.part });

const VISIBILITY_S = 1;

/**
 * A message that cannot be read goes the queue's own way to the dead letters: three receives, each a second apart.
 * Should it name its run and part, the part ends with an error at the last one, so that the run need not wait for its
 * lease to be over.
 */
export const rejectMessage =
  ({ runs, changeVisibility, clock }: RejectDeps) =>
  async (body: string, { receive_count, receipt_handle }: Delivery): Promise<void> => {
    const whose = receive_count >= MAX_RECEIVES ? Whose.safeParse(parsedJson(body)) : undefined;
    const run = whose?.success ? await runs.getRun(whose.data.run) : undefined;
    // Should it be forged, the part's own message mends it.
    if (whose?.success && run?.state === 'running' && hasPart(run, whose.data.part)) {
      const at = new Date(clock()).toISOString();
      const error = {
        dataset: null,
        url: null,
        message: 'The message could not be read; it is in the dead letters',
        at,
      };
      const { part } = whose.data;
      const counts = { ...NO_COUNTS, errors: 1 };
      await runs.endPart(run.id, { part, counts, versions: [], error, receives: receive_count }, at);
    }
    await changeVisibility(receipt_handle, VISIBILITY_S);
  };

export const parsedJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
