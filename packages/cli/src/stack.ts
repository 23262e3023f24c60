import { makeQuestions } from '@granary/admin/questions';
import { signIn } from '@granary/admin/sign-in';
import { findStage, stackOutputs } from '@granary/admin/stage';
import { targetOf } from '@granary/admin/target';
import { UserError } from '@granary/admin/user-error';
import { isAlive } from '@granary/local/is-alive';
import { type LocalStack, readLocalStack } from '@granary/local/state';
import type { StackOptions } from './stack-options.ts';

export type Stack = {
  /** Of the API, without a slash at its end. */
  address: string;
  /** What the same is called on the command line: `''`, or ` --url …`. */
  named: string;
  /** Throws a UserError that says what the API says, and the way out. */
  ask(path: string, options?: Asked): Promise<Response>;
  json<T>(path: string, options?: Asked): Promise<T>;
};
type Asked = { method?: string; body?: unknown; headers?: Readonly<Record<string, string>> };

const running = (): LocalStack | undefined => {
  const stack = readLocalStack();
  if (!stack?.running) return undefined;
  const { start } = stack.pids;
  // One that was killed could not say so.
  return start === undefined || isAlive(start) ? stack : undefined;
};

/** Undefined where none is named and none runs on this machine. */
export const findStack = async (options: StackOptions): Promise<Stack | undefined> => {
  const local = running();
  if (options.url !== undefined) {
    if (!/^https?:\/\/[^/]+/.test(options.url)) throw new UserError(`--url takes an address, not '${options.url}'.`);
    const address = options.url.replace(/\/+$/, '');
    return stackAt(address, ` --url ${address}`, address === local?.api ? local : undefined);
  }
  if (options.stage !== undefined && options.stage !== 'local') {
    const { stage, region } = stageOf(options);
    const { ServiceEndpoint } = await stackOutputs('api', stage, region);
    if (!ServiceEndpoint)
      throw new UserError(`The stack granary-api-${stage} in ${region} tells no address. Deploy it again.`);
    const where = options.region === undefined ? '' : ` --region ${options.region}`;
    return stackAt(ServiceEndpoint, ` --stage ${stage}${where}`, undefined);
  }
  return local && stackAt(local.api, '', local);
};

/** As {@link findStack}; throws a UserError where there is none. */
export const needStack = async (options: StackOptions): Promise<Stack> => {
  const stack = await findStack(options);
  if (stack) return stack;
  throw new UserError(
    'Granary is not running on this machine: start it with `npm start`, or name another one: --url URL, or --stage STAGE.',
  );
};

const stageOf = ({ stage, region }: StackOptions) => {
  try {
    return targetOf({ ...(stage !== undefined && { stage }), ...(region !== undefined && { region }) }, process.env);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
};

const stackAt = (address: string, named: string, local: LocalStack | undefined): Stack => {
  let token: Promise<string> | undefined;
  const ask: Stack['ask'] = async (path, { method = 'GET', body, headers = {} } = {}) => {
    token ??= tokenOf(local);
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      throw new UserError(
        `Nothing answers at ${address} (${String((error.cause as Error)?.message ?? error.message)}).`,
      );
    });
    if (answer.ok) return answer;
    throw await refusal(answer);
  };
  return { address, named, ask, json: async (path, options) => (await ask(path, options)).json() as never };
};

/** What the API says of a request that it does not answer. */
export class Refused extends UserError {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const refusal = async (answer: Response): Promise<Refused> => {
  const { status } = answer;
  const problem = (await answer.json().catch(() => ({}))) as {
    detail?: string;
    message?: string;
    hint?: string | null;
    errors?: readonly { field: string; message: string }[];
  };
  const said = problem.detail ?? problem.message ?? `The API answered ${status}.`;
  const way =
    status === 401
      ? ' Sign in again: export GRANARY_TOKEN=$(npm run -s token -- NAME --stage STAGE).'
      : status === 403
        ? ' An administrator adds you: granary-admin users groups.'
        : problem.hint
          ? ` ${problem.hint}`
          : '';
  return new Refused(status, `${said}${way}`);
};

const tokenOf = async (local: LocalStack | undefined): Promise<string> => {
  const given = process.env.GRANARY_TOKEN;
  if (given) return given;
  if (!local)
    throw new UserError(
      'Who are you? Set GRANARY_TOKEN: export GRANARY_TOKEN=$(npm run -s token -- NAME --stage STAGE)',
    );
  const { userPoolId, clientId, endpoint } = await findStage();
  const { username, password } = local.users.operator;
  const questions = makeQuestions();
  const { idToken } = await signIn({
    place: { userPoolId, clientId, ...(endpoint !== undefined && { endpoint }) },
    ...{ username, password },
    questions: {
      newPassword: () => questions.secret('New password of the demo user'),
      code: () => questions.line('Code of the authenticator app'),
    },
  });
  return idToken;
};
