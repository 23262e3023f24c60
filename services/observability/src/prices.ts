/** List prices in USD on Arm, without free tiers, from the pages of AWS (https://aws.amazon.com/<service>/pricing). */
export const PRICES = {
  region: 'us-east-1',
  as_of: '2026',
  lambda_request: 0.2e-6,
  lambda_gb_s: 13.3334e-6,
  api_request: 3.5e-6,
  /** Per unit of capacity on demand. */
  dynamo_write: 0.625e-6,
  dynamo_read: 0.125e-6,
  athena_byte: 5 / 1e12,
  log_byte: 0.5 / 1e9,
} as const;
