import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The replica's portal with so many generated datasets, in a process of its own. */
export const startPortal = async (datasets: number) => {
  const script = join(import.meta.dirname, '..', 'packages', 'replica', 'src', 'main.ts');
  const child = spawn(process.execPath, [script, '--port', '0', '--portal-size', String(datasets)]);
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', (code) => reject(new Error(`the replica ended with ${code}`)));
  });
  const address = /CKAN portal at (\S+)/.exec(said)![1]!;
  const change = async (to: object): Promise<void> => {
    const body = JSON.stringify(to);
    const { status } = await fetch(new URL('/__replica', address), { method: 'PUT', body });
    if (status !== 200) throw new Error(`the replica answered ${status}`);
  };
  /** Requests so far, by status. */
  const statuses = async (): Promise<Readonly<Record<string, number>>> => {
    const { requests } = (await (await fetch(new URL('/__replica', address))).json()) as {
      requests: { statuses: Record<string, number> };
    };
    return requests.statuses;
  };
  const stop = () => {
    child.removeAllListeners('exit');
    child.kill();
  };
  return { address, change, statuses, stop };
};
