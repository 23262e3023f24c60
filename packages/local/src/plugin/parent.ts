/**
 * Ends this process when the one that started it is gone, however that ended (SIGKILL runs no handler). `npm start`
 * gives its children an IPC channel for nothing else; without one (`sls offline` by hand) this does nothing.
 */
export const endWithParent = (): void => {
  if (process.env.GRANARY_CHILD !== '1') return;
  const end = () => process.exit(1);
  if (process.connected === false || process.connected === undefined) end();
  process.on('disconnect', end);
  // A listener keeps the channel, and so the process, alive; one whose build failed must end.
  process.channel?.unref();
};
