/**
 * The lines of runs, for people: CloudWatch Logs (streams Info, Error, Status of `/granary/<stage>/users`) and S3
 * (`logs/…`). Nothing that names or describes a person may be in them.
 */
export type RunLogFields = Readonly<Record<string, string | number | boolean | null | undefined | object>>;

export type RunLog = {
  info(run: string, message: string, fields?: RunLogFields): void;
  error(run: string, message: string, fields?: RunLogFields): void;
  /** The one event of a run that has ended; written at once. Throws when it was not. */
  status(event: RunStatusEvent): Promise<void>;
  /**
   * Writes what was said since the last flush. Never throws: lines that could not be written are kept for the next
   * flush.
   */
  flush(): Promise<void>;
};

/** Shapes as in `GET /status`, without what the source answered. */
export type RunStatusEvent = {
  run: string;
  state: string;
  users: number;
  users_new: number;
  users_overwritten: number;
  users_failed: number;
  api_calls: number;
  errors: number;
  /** ms since the epoch */
  timestamp: number;
  /** s */
  duration: number;
};

/** A line as it lies in S3 and as `GET /v1/runs/{id}/log` gives it; other members are the fields. */
export type RunLogLine = { time: string; level: 'INFO' | 'ERROR'; run: string; message: string } & Record<
  string,
  unknown
>;
