import type { Run } from '@granary/domain/run';
import { type Reply, reply } from '@granary/runtime/http/reply';
import { publicRun } from './public-run.ts';

/** The run that goes on in the background (202); Location is where it is followed. */
export const startedRunReply = (run: Run): Reply =>
  reply({
    status: 202,
    headers: { Location: `/v1/runs/${run.id}` },
    cache_control: 'no-store',
    body: publicRun(run),
  });
