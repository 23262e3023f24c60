/** Runs checks one after another, prints each with its time, and counts. */
export const makeReport = () => {
  let passed = 0;
  let failed = 0;
  const begun = performance.now();
  const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  return {
    /** False when it failed. */
    check: async (name: string, run: () => Promise<unknown>): Promise<boolean> => {
      const started = performance.now();
      try {
        const note = await run();
        passed++;
        console.log(
          `  ok      ${seconds(started).padStart(7)}  ${name}${typeof note === 'string' ? `\n${indented(note)}` : ''}`,
        );
        return true;
      } catch (error) {
        failed++;
        console.log(
          `  FAILED  ${seconds(started).padStart(7)}  ${name}\n${indented((error as Error).stack ?? String(error))}`,
        );
        return false;
      }
    },
    /** The last line that .ci/run counts; true when all passed. */
    close: (): boolean => {
      console.log(`\n${seconds(begun)}\n${passed} passed, ${failed} failed`);
      return failed === 0 && passed > 0;
    },
  };
};

const indented = (text: string): string => text.trimEnd().replace(/^/gm, '                   ');
