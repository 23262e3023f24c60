import type { ServiceFacts } from './facts.ts';
import { alarmResources, dashboardResources, queryResources, traceResources } from './resources.ts';

/** What is generated into `resources/`, by the names of the files. */
export const observabilityFiles = (facts: ServiceFacts): Readonly<Record<string, object>> => ({
  'dashboard.gen.yml': dashboardResources(facts),
  'alarms.gen.yml': { Resources: alarmResources() },
  'queries.gen.yml': { Resources: queryResources(facts) },
  'traces.gen.yml': { Resources: traceResources(facts) },
});
