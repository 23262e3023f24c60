import { spawn } from 'node:child_process';

export type Step = { name: string; command: readonly [string, ...string[]] };

/**
 * Runs the steps at the same time, prints one line each in their order (and all output of those that failed), returns
 * the failed ones' names.
 */
export const runSteps = async (steps: readonly Step[]): Promise<string[]> => {
  const running = steps.map(runStep);
  const failed: string[] = [];
  for (const [i, step] of steps.entries()) {
    const { code, output, seconds } = await running[i];
    console.log(`${code === 0 ? '✓' : '✗'} ${step.name} (${seconds.toFixed(1)} s)`);
    if (code !== 0) {
      failed.push(step.name);
      console.log(output.replace(/^/gm, '    '));
    }
  }
  return failed;
};

const runStep = (step: Step): Promise<{ code: number; output: string; seconds: number }> =>
  new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(step.command[0], step.command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    const seconds = () => (performance.now() - start) / 1000;
    child.on('error', (error) => resolve({ code: 1, output: String(error), seconds: seconds() }));
    child.on('close', (code) => resolve({ code: code ?? 1, output, seconds: seconds() }));
  });
