import type { AWS_METRICS, AwsMetric, AwsNamespace } from '@granary/domain/aws-metrics';
import { DIMENSIONS, METRICS, type MetricBy, NAMESPACE } from '@granary/domain/metrics';

/** One metric with values of its dimensions, as CloudWatch keeps it. */
export type Series = { namespace: string; name: string; dimensions: Readonly<Record<string, string>> };

/** Written into the templates; osls puts the stage in. */
export const STAGE = '${sls:stage}';

type OfFunctions<Name extends MetricBy<'function'>> = (typeof METRICS)[Name]['of'][number];

/** A metric of our own, of one function that emits it. */
export const ofFunction = <Name extends MetricBy<'function'>>(name: Name, of: OfFunctions<Name>): Series => {
  const [service, stage, fn] = DIMENSIONS.function;
  return { namespace: NAMESPACE, name, dimensions: { [service]: 'ingestion', [stage]: STAGE, [fn]: of } };
};

/** A metric of our own, of the API as a whole. */
export const ofApi = (name: MetricBy<'service'>): Series => {
  const [service, stage] = DIMENSIONS.service;
  return { namespace: NAMESPACE, name, dimensions: { [service]: METRICS[name].of[0], [stage]: STAGE } };
};

type NamedBy<Set> = Set extends readonly []
  ? Readonly<Record<string, never>>
  : Set extends readonly string[]
    ? Readonly<Record<Set[number], string>>
    : never;
/** Values of one of the sets of dimensions by which AWS emits the metrics of a namespace. */
type DimensionsOf<Namespace extends AwsNamespace> = NamedBy<(typeof AWS_METRICS)[Namespace]['dimensions'][number]>;

/** One of AWS's own. */
export const ofAws = <Namespace extends AwsNamespace>(
  namespace: Namespace,
  name: AwsMetric<Namespace>,
  dimensions: DimensionsOf<Namespace>,
): Series => ({ namespace, name, dimensions });

export const queueNamed = (name: string) => ({ QueueName: `granary-${STAGE}-${name}` });
export const tableNamed = (name: string) => ({ TableName: `granary-${STAGE}-${name}` });
export const functionNamed = (service: 'api' | 'ingestion', name: string) => ({
  FunctionName: `granary-${service}-${STAGE}-${name}`,
});
export const THE_API = { ApiName: `granary-api-${STAGE}`, Stage: STAGE };
