/** A segment or subsegment, as X-Ray's documents have it; only what is looked at here is named. */
export type SegmentDocument = {
  id: string;
  name: string;
  start_time: number;
  end_time?: number;
  trace_id?: string;
  parent_id?: string;
  type?: string;
  subsegments?: SegmentDocument[];
  [member: string]: unknown;
};
export type AssembledTrace = { id: string; duration_s: number; segments: SegmentDocument[] };

/** The oldest go when there are more: nobody asks for them, and a stack may be up for days. */
const MOST_TRACES = 500;
const MOST_DOCUMENTS = 2_000;

const TRACE_ID = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** Why a document is none, or undefined. */
export const misfitOf = (document: unknown): string | undefined => {
  if (typeof document !== 'object' || document === null) return 'it is no object';
  const { id, name, trace_id, start_time } = document as Partial<SegmentDocument>;
  if (!TRACE_ID.test(String(trace_id))) return 'its trace_id is none';
  if (!SPAN_ID.test(String(id))) return 'its id is none';
  if (typeof name !== 'string' || name === '' || name.length > 200) return 'its name is none';
  return typeof start_time === 'number' ? undefined : 'its start_time is no number';
};

/** Segments as they come in, in memory, and the traces that X-Ray makes of them. */
export const makeTraces = () => {
  const traces = new Map<string, Map<string, SegmentDocument>>();
  return {
    /** Takes a document that fits; one that came before under the same id, in progress, is replaced. */
    add(document: SegmentDocument): void {
      const trace_id = document.trace_id!;
      const documents = traces.get(trace_id) ?? new Map<string, SegmentDocument>();
      traces.delete(trace_id);
      traces.set(trace_id, documents);
      if (documents.size < MOST_DOCUMENTS || documents.has(document.id)) documents.set(document.id, document);
      if (traces.size > MOST_TRACES) traces.delete(traces.keys().next().value!);
    },
    get(id: string): AssembledTrace | undefined {
      const documents = traces.get(id);
      return documents && assembled(id, structuredClone([...documents.values()]));
    },
  };
};

/** Subsegments that were sent by themselves stand in the segment that they are of, as X-Ray gives them. */
const assembled = (id: string, documents: SegmentDocument[]): AssembledTrace => {
  const all = documents.flatMap(withNested);
  const byId = new Map(all.map((one) => [one.id, one]));
  const segments: SegmentDocument[] = [];
  for (const document of documents) {
    const parent = document.type === 'subsegment' ? byId.get(document.parent_id ?? '') : undefined;
    if (!parent) {
      segments.push(document);
      continue;
    }
    for (const own of ['trace_id', 'parent_id', 'type']) delete document[own];
    parent.subsegments = [...(parent.subsegments ?? []), document];
  }
  const start = Math.min(...all.map(({ start_time }) => start_time));
  const end = Math.max(...all.map(({ start_time, end_time = start_time }) => end_time));
  return { id, duration_s: end - start, segments };
};

const withNested = (document: SegmentDocument): SegmentDocument[] => [
  document,
  ...(document.subsegments ?? []).flatMap(withNested),
];
