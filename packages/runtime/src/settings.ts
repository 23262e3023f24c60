import type { TokenVerifier } from './http/verify-token.ts';

/**
 * What every function is told about where it runs. Each service's deps.ts makes it from the environment, once, at the
 * first invocation.
 */
export type Settings = {
  service: string;
  stage: string;
  /** DEBUG, INFO, WARN or ERROR. */
  log_level?: string;
  /** Whether the invocations that X-Ray chooses are traced. */
  tracing?: boolean;
  /** Takes each log line; standard output unless told. */
  write?: (line: string) => void;
};

/** Besides, for an area of the API. */
export type ApiSettings = Settings & {
  /** The only origins that browsers may call from, such as `https://app.example.org`. */
  cors_origins: readonly string[];
  /** Checks the tokens of endpoints with `auth: 'cognito'`. */
  verify_token: TokenVerifier;
};
