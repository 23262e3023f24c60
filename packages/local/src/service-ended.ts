const LINES = 12;
const WIDTH = 200;

/** The table of routes, the metrics and the invocations that went well: they say nothing about an end. */
const NOISE =
  /^\s*$|^[┌│└]|^\s+at |^HEAD method event|^\s+\* |^\(λ: |^\{"_aws"|^\{"level":"(INFO|DEBUG)"|^Environment: |^Docs: |^Error:$/;

const telling = (lines: readonly string[]): string[] =>
  lines.filter((line) => !NOISE.test(line)).map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)} …` : line));

/**
 * What to tell a person about a service under `serverless offline` that ended without being asked to. `how` is its exit
 * code or signal, `log` what it had written to the file `path`: of a build that failed the places in the code are
 * shown.
 */
export const serviceEnded = (options: { service: string; how: string; log: string; path: string }): string => {
  const { service, how, log, path } = options;
  const lines = log.split('\n');
  const build = lines.findIndex((line) => line.startsWith('✘ [ERROR]'));
  if (build >= 0) {
    const end = lines.findIndex((line, i) => i > build && /^(Environment: |Error:)/.test(line));
    const shown = telling(lines.slice(build, end < 0 ? undefined : end)).slice(0, LINES);
    return `The code of services/${service} cannot be built:\n\n${shown.join('\n')}\n\nMend that and start again with npm start. The whole log: ${path}`;
  }
  const failure = lines.indexOf('Error:');
  const shown = failure >= 0 ? telling(lines.slice(failure)).slice(0, LINES) : telling(lines).slice(-LINES);
  return `The ${service} service ended by itself (${how}). The end of its log:\n\n${shown.join('\n')}\n\nStart again with npm start. The whole log: ${path}`;
};
