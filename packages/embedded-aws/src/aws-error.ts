/** An error as a service of AWS answers it: `code` is what an SDK shows as the error's name. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** The embedded AWS does not do what was asked; answered 501 with its name. */
export class NotImplementedHere extends Error {}
