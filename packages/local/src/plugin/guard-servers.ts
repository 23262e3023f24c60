import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { answerRefused, type CallerRefused } from '@granary/embedded-aws/refused-callers';

/** Decides about a request to one of this process's ports. */
export type Guard = (request: IncomingMessage, port: number) => CallerRefused | undefined;

const REQUESTS = new Set(['request', 'checkContinue', 'checkExpectation']);

/** A server whose own listeners see only the requests that the guard lets through. */
export const guarded = (server: Server, guard: Guard): Server => {
  const emit = server.emit.bind(server) as (event: string, ...values: unknown[]) => boolean;
  server.emit = ((event: string, ...values: unknown[]) => {
    if (!REQUESTS.has(event)) return emit(event, ...values);
    const [request, response] = values as [IncomingMessage, ServerResponse];
    const refused = guard(request, (server.address() as AddressInfo | null)?.port ?? 0);
    if (!refused) return emit(event, ...values);
    response.on('error', () => response.destroy());
    answerRefused(response, refused);
    return true;
  }) as Server['emit'];
  return server;
};

/**
 * Puts the guard before every HTTP server that this process makes from now on. serverless-offline makes its servers by
 * itself, has no hook for requests to the port of its functions, and would take a call of a function from anybody.
 */
export const guardServers = (guard: Guard): void => {
  const create = http.createServer as (...options: never[]) => Server;
  http.createServer = ((...options: never[]) => guarded(create(...options), guard)) as typeof http.createServer;
  syncBuiltinESMExports();
};
