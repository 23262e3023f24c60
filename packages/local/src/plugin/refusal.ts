/** A request that is not let through, with the answer that API Gateway would give in the cloud. */
export class Refusal extends Error {
  readonly status: 401 | 403 | 500;
  readonly title: string;
  constructor(status: 401 | 403 | 500, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

export const unauthorized = (detail: string) => new Refusal(401, 'Unauthorized', detail);
export const forbidden = (detail: string) => new Refusal(403, 'Forbidden', detail);
