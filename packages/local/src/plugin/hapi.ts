/** What of hapi's request and toolkit the authentication of a route touches. */
export type HapiRequest = {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  params: Record<string, string>;
  query: Record<string, string>;
  url: URL;
  info: { id: string };
  route: { settings: { response?: { ranges?: boolean } } };
  server: { settings: { compression?: unknown } };
  raw: { req: { rawHeaders: string[] } };
  /** The type of its body; hapi sets it when it has read that. */
  mime: string | null;
};
export type HapiResponse = {
  code(status: number): HapiResponse;
  type(type: string): HapiResponse;
  header(name: string, value: string): HapiResponse;
  takeover(): HapiResponse;
};
export type HapiToolkit = {
  response(body: unknown): HapiResponse;
  authenticated(options: { credentials: Record<string, unknown> }): unknown;
};

/** serverless-offline's endpoint, as far as it says who may call it. */
export type AuthorizerSetting =
  | string
  | {
      type?: string;
      name?: string;
      arn?: unknown;
      scopes?: readonly string[];
      identitySource?: string;
      resultTtlInSeconds?: number;
    };
export type Endpoint = { authorizer?: AuthorizerSetting | null };
