import { afterEach, describe, expect, it } from '@jest/globals';
import {
  currentPlace,
  inTrace,
  newTrace,
  traceHeader,
  traceOfHeader,
  traceOfRead,
  traceOfRequest,
  xrayId,
} from './trace.ts';

const ID = '5759e988bd862e3fe1be46a994272793';
const ROOT = 'Root=1-5759e988-bd862e3fe1be46a994272793';
const SPAN = '53995c3f42cd8ad8';
const W3C = '4bf92f3577b34da6a3ce929d0e0e4736';

afterEach(() => {
  delete process.env._X_AMZN_TRACE_ID;
});

describe('a trace', () => {
  it("is read from X-Ray's header, with what it says of parent and sampling", () => {
    expect(traceOfHeader(`${ROOT};Parent=${SPAN};Sampled=1;Lineage=1:a:0`)).toEqual({
      id: ID,
      parent: SPAN,
      sampled: true,
    });
    expect(traceOfHeader(`Self=1-0-0;${ROOT};Sampled=0`)).toEqual({ id: ID, sampled: false });
    expect(traceOfHeader(ROOT)).toEqual({ id: ID });
    for (const header of [undefined, '', 'Root=', 'Root=1-xyz-0', 'Parent=53995c3f42cd8ad8'])
      expect(traceOfHeader(header)).toBeUndefined();
  });

  it('is handed on under the span that is open, or under the one that it came from', () => {
    expect(traceHeader()).toBeUndefined();
    inTrace({ id: ID, parent: SPAN, sampled: true }, () => {
      expect(traceHeader()).toBe(`${ROOT};Parent=${SPAN};Sampled=1`);
      currentPlace()!.span = 'aaaaaaaaaaaaaaaa';
      expect(traceHeader()).toBe(`${ROOT};Parent=aaaaaaaaaaaaaaaa;Sampled=1`);
    });
    expect(inTrace({ id: ID }, traceHeader)).toBe(ROOT);
    expect(inTrace({ id: ID, sampled: false }, traceHeader)).toBe(`${ROOT};Sampled=0`);
  });

  it('is the own one of what goes on side by side', async () => {
    const heads = await Promise.all(
      ['1', '2'].map((n) =>
        inTrace({ id: n.repeat(32) }, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return traceHeader();
        }),
      ),
    );
    expect(heads).toEqual(['1', '2'].map((n) => `Root=1-${n.repeat(8)}-${n.repeat(24)}`));
  });

  it("of a request is its caller's, else API Gateway's, else a new one that says when it began", () => {
    const traceparent = `00-${W3C}-00f067aa0ba902b7-01`;
    const amzn = { 'x-amzn-trace-id': `${ROOT};Sampled=1` };
    expect(traceOfRequest({ traceparent, ...amzn })).toEqual({ id: W3C, parent: '00f067aa0ba902b7' });
    expect(traceOfRequest({ traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, ...amzn })).toMatchObject({
      id: ID,
    });
    expect(traceOfRequest(amzn)).toEqual({ id: ID, sampled: true });
    const { id } = traceOfRequest({ traceparent: 'nonsense' });
    expect(Math.abs(Number.parseInt(id.slice(0, 8), 16) - Date.now() / 1000)).toBeLessThan(60);
    expect(xrayId(newTrace())).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  });

  it('of a read is that of its header; what Lambda says is asked for where there is none', () => {
    const lambda = 'f'.repeat(24);
    process.env._X_AMZN_TRACE_ID = `Root=1-5759e988-${lambda};Parent=${SPAN};Sampled=0`;
    const traceparent = `00-${W3C}-00f067aa0ba902b7-01`;
    const amzn = { 'x-amzn-trace-id': `Self=1-0-0;${ROOT}` };
    expect(traceOfRead({ traceparent, ...amzn })).toEqual({ id: W3C, parent: '00f067aa0ba902b7' });
    expect(traceOfRead(amzn)).toEqual({ id: ID });
    expect(traceOfRead({})).toMatchObject({ id: `5759e988${lambda}` });
    delete process.env._X_AMZN_TRACE_ID;
    expect(traceOfRead({}).id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is kept by X-Ray when X-Ray says so, whatever the caller asks for', () => {
    process.env._X_AMZN_TRACE_ID = `${ROOT};Parent=${SPAN};Sampled=0`;
    expect(traceOfRequest({ traceparent: `00-${W3C}-00f067aa0ba902b7-01` })).toMatchObject({ id: W3C, sampled: false });
    expect(traceOfRequest({})).toEqual({ id: ID, parent: SPAN, sampled: false });
  });
});
