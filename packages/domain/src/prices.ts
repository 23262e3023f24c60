/**
 * List prices, in USD, that every estimate of this platform is made with: one region, Arm, on demand, first tier,
 * without free tiers and taxes. Written without access to AWS's pages: those of Lambda, API Gateway, DynamoDB,
 * CloudWatch and of sending were compared with what others publish, the rest with nothing yet. Whoever can reach the
 * pages named looks through all of them, and writes the day.
 */
export const PRICES = {
  region: 'us-east-1',
  as_of: '2026-11-30',
  /** https://aws.amazon.com/<page>/pricing */
  pages: [
    ...[
      'lambda',
      'api-gateway',
      's3',
      'dynamodb',
      'sqs',
      'athena',
      'glue',
      'kms',
      'cloudwatch',
      'xray',
      'ec2/on-demand',
    ],
  ],
  usd: {
    lambda_request: 0.2e-6,
    lambda_gb_s: 13.3334e-6,
    /** Of what a function has beyond 512 MB. */
    lambda_tmp_gb_s: 0.0309e-6,
    api_request: 3.5e-6,
    /** Out of AWS, to the internet. */
    sent_gb: 0.09,
    /** PUT, COPY, POST, LIST. */
    s3_write: 5e-6,
    /** GET, HEAD and all others. DELETE is free. */
    s3_read: 0.4e-6,
    s3_gb_month: 0.023,
    /** A unit of capacity: up to 1 KB written, up to 4 KB read consistently. */
    dynamo_write: 0.625e-6,
    dynamo_read: 0.125e-6,
    dynamo_gb_month: 0.25,
    sqs_request: 0.4e-6,
    athena_tb: 5,
    glue_request: 1e-6,
    kms_request: 3e-6,
    kms_key_month: 1,
    /** Taken in; kept a month. */
    log_gb: 0.5,
    log_gb_month: 0.03,
    metric_month: 0.3,
    alarm_month: 0.1,
    composite_alarm_month: 0.5,
    dashboard_month: 3,
    trace: 5e-6,
  },
} as const;

export type Priced = keyof typeof PRICES.usd;
/** How much of what is billed: requests, GB, GB-seconds, units of capacity. */
export type Usage = Readonly<Partial<Record<Priced, number>>>;

export const usdOf = (usage: Usage): number =>
  Object.entries(usage).reduce((sum, [what, amount]) => sum + PRICES.usd[what as Priced] * amount, 0);
