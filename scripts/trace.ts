/** `npm run trace -- <id>`: what was done for a request or a run, in the order of time. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stateDir } from '@granary/local/state';
import { deployedPlace, localPlace, type Place, tracesOf } from './trace/places.ts';
import { spansOfLines, spansOfSegments, tableOf } from './trace/spans.ts';
import { readId, xrayIdOf } from './trace/trace-ids.ts';

const USAGE = `Shows what happened in a request or a run, from the schedule or the call to the stored objects, as a table of spans.

  npm run trace -- <id> [options]

<id> is the X-Request-Id or traceparent of a response, the id of a run or of a message, or a trace id of X-Ray or W3C.

  --state DIR      folder of the local stack's state (default .granary in the clone)
  --stage STAGE    a deployed stage instead, with the credentials that the AWS CLI finds
  --region REGION  region of that stage
  --since HOURS    how far back to read its log (default 24)
  --help           show this text

The spans come from X-Ray. If X-Ray has none, because tracing is off (npm start -- --tracing turns it on) or this trace was not sampled,
they come from the functions' log: requests, invocations and messages, without the AWS calls within them.`;

/** Of one id that is in many traces, such as a run whose dead letters were redriven by hand. */
const MOST_TRACES = 5;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const namedBy = async (place: Place, id: string): Promise<string[]> => {
  const named = readId(id);
  return 'trace' in named ? [named.trace] : tracesOf(place, named.search);
};

const show = async (place: Place, trace: string): Promise<boolean> => {
  const segments = await place.segments(trace);
  const fromXray = segments.length > 0;
  const spans = fromXray ? spansOfSegments(segments) : spansOfLines(await place.lines(trace));
  if (spans.length === 0) return false;
  const source = fromXray ? 'by X-Ray' : 'by the log of the functions; X-Ray has nothing of it';
  say(
    `Trace ${xrayIdOf(trace)} (W3C ${trace}): ${spans.length} ${spans.length === 1 ? 'span' : 'spans'} ${source}\n\n${tableOf(spans)}\n`,
  );
  return true;
};

const read = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      stage: { type: 'string' },
      region: { type: 'string' },
      since: { type: 'string', default: '24' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [id, stray] = positionals;
  if (id === undefined || stray !== undefined) throw new RangeError('Give one id.');
  readId(id);
  const hours = Number(values.since);
  if (!(hours > 0 && hours <= 24 * 365))
    throw new RangeError(`--since takes a number of hours, not '${values.since}'.`);
  if (values.stage !== undefined && !/^[a-z][a-z0-9]{0,15}$/.test(values.stage)) {
    throw new RangeError(`--stage takes a lower-case name such as dev or prod, not '${values.stage}'.`);
  }
  return { ...values, id, hours };
};

const main = async (): Promise<void> => {
  let options: ReturnType<typeof read>;
  try {
    options = read();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  if (!options) {
    say(USAGE);
    return;
  }
  const { id, stage, region, hours, state } = options;
  const place =
    stage === undefined || stage === 'local'
      ? localPlace(state ? resolve(state) : stateDir())
      : deployedPlace(stage, region, Date.now() - hours * 3_600_000);
  const traces = await namedBy(place, id);
  let shown = 0;
  for (const trace of traces.slice(0, MOST_TRACES)) if (await show(place, trace)) shown += 1;
  if (traces.length > MOST_TRACES)
    say(`It is in ${traces.length - MOST_TRACES} more traces: ${traces.slice(MOST_TRACES).map(xrayIdOf).join(', ')}`);
  if (shown > 0) return;
  const older = stage ? `; --since ${hours * 7} reads further back` : '';
  process.stderr.write(`Nothing of '${id}' is in ${place.name}${older}.\n`);
  process.exitCode = 1;
};

await main();
