import type { Context } from 'aws-lambda';
import { makeLogger } from './logger.ts';
import { namingCalls } from './naming-calls.ts';
import type { Settings } from './settings.ts';
import { type Capture, loadTracing, type Tracing } from './tracing.ts';

/**
 * What a function is made of. Both are called at the first invocation, once; `deps` gives its AWS clients to `capture`.
 */
export type Make<S extends Settings, Deps> = { settings: () => S; deps: (capture: Capture) => Deps };

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * A handler that is built when it is first called: nothing happens at import. The tracer is loaded before, when tracing
 * is on.
 */
export const atFirstInvocation = <S extends Settings, Deps, Event, Result>(
  make: Make<S, Deps>,
  build: (settings: S, deps: Deps, tracing: Tracing | undefined) => Handler<Event, Result>,
): Handler<Event, Result> => {
  let handler: Handler<Event, Result> | undefined;
  const built = (settings: S, tracing?: Tracing): Handler<Event, Result> => {
    const capture: Capture = (client) => namingCalls(tracing?.capture(client) ?? client);
    handler ??= build(settings, make.deps(capture), tracing);
    return handler;
  };
  return (event, context) => {
    if (handler) return handler(event, context);
    const settings = make.settings();
    if (!settings.tracing) return built(settings)(event, context);
    const { service, log_level: level, write } = settings;
    return loadTracing(service, makeLogger({ service, level, write })).then((tracing) =>
      built(settings, tracing)(event, context),
    );
  };
};
