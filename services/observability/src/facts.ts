/**
 * What the generated files have to know of the other services; scripts/gen-functions.ts finds it in their definitions.
 */
export type FunctionFacts = { service: 'api' | 'ingestion'; name: string; memory_mb: number };
export type ServiceFacts = { functions: readonly FunctionFacts[] };
