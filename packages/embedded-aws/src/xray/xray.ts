import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, NotImplementedHere } from '../aws-error.ts';
import { bodyOf, readMembers } from '../json-service.ts';
import { answerError, answerNotImplemented } from '../not-implemented.ts';
import { makeTraces, misfitOf, type SegmentDocument } from './xray-traces.ts';

const INVALID = 'InvalidRequestException';
const LARGEST = 1 << 20;
/** https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html */
const MOST_IDS = 5;

export type Xray = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Has X-Ray's daemon listen, in UDP at the port, where functions send what they did. */
  listen(port: number): Promise<void>;
  close(): Promise<void>;
};

/**
 * X-Ray: its daemon, its PutTraceSegments and its BatchGetTraces. Traces are in memory, the newest hundreds of them:
 * they are looked at while a stack is up.
 */
export const startXray = (onFailure: (error: Error) => void): Xray => {
  const traces = makeTraces();
  let daemon: Socket | undefined;

  const operations: Readonly<Record<string, (body: unknown) => object>> = {
    '/Traces'(body) {
      const { TraceIds } = readMembers(body, { TraceIds: 'texts!' }, INVALID);
      if (TraceIds.length > MOST_IDS) throw new AwsError(INVALID, `TraceIds may be ${MOST_IDS} at most.`);
      const found = TraceIds.map((id) => traces.get(id));
      return {
        Traces: found.flatMap((trace) =>
          trace
            ? [
                {
                  Id: trace.id,
                  Duration: trace.duration_s,
                  LimitExceeded: false,
                  Segments: trace.segments.map((one) => ({ Id: one.id, Document: JSON.stringify(one) })),
                },
              ]
            : [],
        ),
        UnprocessedTraceIds: TraceIds.filter((_, index) => found[index] === undefined),
      };
    },
    '/TraceSegments'(body) {
      const { TraceSegmentDocuments } = readMembers(body, { TraceSegmentDocuments: 'texts!' }, INVALID);
      const UnprocessedTraceSegments = TraceSegmentDocuments.flatMap((text) => {
        const { document, misfit } = read(text);
        if (misfit === undefined) traces.add(document as SegmentDocument);
        return misfit === undefined ? [] : [{ Id: idIn(document), ErrorCode: 'InvalidSegment', Message: misfit }];
      });
      return { UnprocessedTraceSegments };
    },
  };

  return {
    async handle(request, response) {
      const path = request.url ?? '/';
      const operation = request.method === 'POST' && Object.hasOwn(operations, path) ? operations[path] : undefined;
      if (!operation) return answerNotImplemented(response, 'json', `X-Ray ${request.method} ${path}`);
      try {
        const output = JSON.stringify(operation(await bodyOf(request, LARGEST)));
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(output);
      } catch (error) {
        if (error instanceof NotImplementedHere)
          return answerNotImplemented(response, 'json', `X-Ray ${path} ${error.message}`);
        if (error instanceof AwsError) return answerError(response, 'json', error);
        onFailure(error as Error);
        answerError(response, 'json', { status: 500, code: 'InternalFailure', message: (error as Error).message });
      }
    },
    async listen(port) {
      daemon = createSocket('udp4');
      // What is no document is dropped, as the daemon does.
      daemon.on('message', (datagram) => {
        const [header = '', ...rest] = String(datagram).split('\n');
        if (!/^\{"format": ?"json", ?"version": ?1\}$/.test(header)) return;
        const { document, misfit } = read(rest.join('\n'));
        if (misfit === undefined) traces.add(document as SegmentDocument);
      });
      daemon.bind(port, '127.0.0.1');
      await once(daemon, 'listening');
      daemon.on('error', onFailure);
    },
    async close() {
      await new Promise<void>((resolve) => (daemon ? daemon.close(resolve) : resolve()));
    },
  };
};

const read = (text: string): { document: unknown; misfit: string | undefined } => {
  try {
    const document: unknown = JSON.parse(text);
    return { document, misfit: misfitOf(document) };
  } catch {
    return { document: undefined, misfit: 'it is no JSON' };
  }
};

const idIn = (document: unknown): string | undefined => (document as { id?: string } | undefined)?.id;
