import { InvalidRequest } from '@granary/domain/errors';
import type { ParameterValue } from './literal.ts';

const MOST = 100;
const NAME = /^[a-z_][a-z0-9_]{0,63}$/;

export type Parameters = Readonly<Record<string, ParameterValue>>;

/** The parameters of a query, whose names can stand in it as `:name`. Throws InvalidRequest naming each that cannot. */
export const readParameters = (given: Parameters): Parameters => {
  const names = Object.keys(given);
  if (names.length > MOST) {
    const message = `${names.length} parameters are given; ${MOST} are the most.`;
    throw InvalidRequest.of('parameters', message);
  }
  const unfit = names.filter((name) => !NAME.test(name));
  if (unfit.length > 0) {
    const message = 'a name has lower-case letters, digits and _, begins with no digit, and has 64 characters at most';
    throw new InvalidRequest(
      `The parameter '${unfit[0].slice(0, 64)}' cannot be named in a query: ${message}.`,
      unfit.map((name) => ({ field: `parameters.${name.slice(0, 64)}`, message })),
    );
  }
  return given;
};
