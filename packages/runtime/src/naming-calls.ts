type Context = { clientName?: string; commandName?: string };
type Next = (args: unknown) => Promise<unknown>;
type Stack = { add(middleware: (next: Next, context: Context) => Next, options: { step: 'initialize' }): void };

/**
 * Has each error of an AWS client say which call it is of: `operation`, such as `DynamoDB UpdateItem`. The clients know
 * it and do not tell, and many an answer, such as that of a throttled table, says nothing of it either.
 */
export const namingCalls = <Client extends object>(client: Client): Client => {
  const { middlewareStack } = client as { middlewareStack?: Stack };
  middlewareStack?.add(
    (next, { clientName = '', commandName = '' }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const operation = `${clientName.replace(/Client$/, '')} ${commandName.replace(/Command$/, '')}`;
          // Not enumerable: it is of the log, and no part of what the service answered.
          if (error instanceof Error)
            Object.defineProperty(error, 'operation', { value: operation, configurable: true });
          throw error;
        }
      },
    { step: 'initialize' },
  );
  return client;
};
