import { InvalidRequest } from '@granary/domain/errors';

/** A place in the text: the line from 1 and the column from 0, in characters, as the lexer counts them. */
export type SqlPlace = { line: number; column: number };

const LONGEST = 40;

/** A piece of the text as a message shows it: short, on one line. */
export const shown = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return `'${line.length > LONGEST ? `${[...line].slice(0, LONGEST).join('')}…` : line}'`;
};

/** The text is not taken as a whole. */
export const refused = (message: string): InvalidRequest => InvalidRequest.of('sql', message);

/** Something in the text is not taken. People count columns from 1. */
export const refusedAt = ({ line, column }: SqlPlace, message: string): InvalidRequest =>
  refused(`Line ${line}, column ${column + 1}: ${message}`);

/** A parameter does not fit. */
export const refusedParameter = (name: string, message: string): InvalidRequest =>
  InvalidRequest.of(`parameters.${name.slice(0, 64)}`, message);
