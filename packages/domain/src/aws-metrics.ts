/**
 * The metrics of AWS's own that Granary's dashboards and alarms name, by their namespaces, with the dimensions under
 * which AWS emits them (an empty list: all of the account and region together). Nobody here emits them; what is not
 * listed cannot be shown.
 */
type AwsMetrics = {
  /** Each a set that AWS emits the metrics by. */
  dimensions: readonly (readonly string[])[];
  metrics: Readonly<Record<string, string>>;
  page: string;
};

export const AWS_METRICS = {
  'AWS/SQS': {
    dimensions: [['QueueName']],
    metrics: {
      ApproximateNumberOfMessagesVisible: 'Messages that wait to be handed out.',
      ApproximateNumberOfMessagesNotVisible: 'Messages that a worker has.',
      ApproximateAgeOfOldestMessage: 'Seconds that the oldest message has waited.',
    },
    page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  },
  'AWS/Lambda': {
    dimensions: [['FunctionName'], []],
    metrics: {
      Invocations: 'Invocations that began, whatever became of them.',
      Errors: 'Those that ended with an error, a time-out included.',
      Throttles: 'Those that did not begin, for want of concurrency.',
      Duration: 'Milliseconds that the code ran.',
      ConcurrentExecutions: 'Containers at work at once.',
    },
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html',
  },
  'AWS/ApiGateway': {
    dimensions: [['ApiName', 'Stage']],
    metrics: {
      Count: 'Requests.',
      '4XXError': 'Answers 4xx, of the gateway itself (throttled, no token) and of functions.',
      '5XXError': 'Answers 5xx, the same.',
      Latency: 'Milliseconds from the request to the answer.',
    },
    page: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html',
  },
  'AWS/DynamoDB': {
    dimensions: [['TableName']],
    metrics: {
      ReadThrottleEvents: 'Reads that the table refused for now.',
      WriteThrottleEvents: 'Writes that the table refused for now.',
      ConsumedReadCapacityUnits: 'What reads took: one unit is 4 KB.',
      ConsumedWriteCapacityUnits: 'What writes took: one unit is 1 KB.',
    },
    page: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html',
  },
  'AWS/Athena': {
    dimensions: [['QueryState', 'QueryType', 'WorkGroup']],
    metrics: {
      ProcessedBytes: 'Bytes that a query read.',
      EngineExecutionTime: 'Milliseconds that the engine ran it.',
      QueryQueueTime: 'Milliseconds that it waited for its turn.',
      TotalExecutionTime: 'Milliseconds from the question to the result.',
    },
    page: 'https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html',
  },
  'AWS/Logs': {
    dimensions: [[]],
    metrics: { IncomingBytes: 'Bytes of logs that came in.' },
    page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html',
  },
  'AWS/Billing': {
    dimensions: [['Currency']],
    metrics: {
      EstimatedCharges:
        'What the account owes for this month so far; in us-east-1 only, and only where billing alerts are on.',
    },
    page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html',
  },
} as const satisfies Readonly<Record<string, AwsMetrics>>;

export type AwsNamespace = keyof typeof AWS_METRICS;
export type AwsMetric<Namespace extends AwsNamespace> = keyof (typeof AWS_METRICS)[Namespace]['metrics'] & string;
