import { AwsError } from '../aws-error.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The rule of a composite alarm, read: which alarms it names, and whether it holds of their states. */
export type AlarmRule = { names: readonly string[]; holds(stateOf: (name: string) => AlarmState): boolean };

const TOKEN = /\s*(?:(AND|OR|NOT|TRUE|FALSE|ALARM|OK|INSUFFICIENT_DATA)\b|([()])|"((?:[^"\\]|\\.)*)"|([\w:/.-]+))/y;

/** Reads a rule such as `ALARM("a") OR (ALARM("b") AND NOT OK("c"))`; names may be ARNs. */
export const readAlarmRule = (text: string): AlarmRule => {
  const invalid = (why: string) => new AwsError('ValidationError', `AlarmRule must be a valid expression: ${why}.`);
  type Token = { word?: string; mark?: string; name?: string };
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw invalid(`unexpected input at '${text.slice(at, at + 20)}'`);
    const [, word, mark, quoted, bare] = found;
    tokens.push({ word, mark, name: quoted ?? bare });
  }
  type Test = (stateOf: (name: string) => AlarmState) => boolean;
  const names: string[] = [];
  let at = 0;
  const take = (mark: string) => {
    if (tokens[at++]?.mark !== mark) throw invalid(`'${mark}' is missing`);
  };
  const operand = (): Test => {
    const { word, mark } = tokens[at++] ?? {};
    if (mark === '(') {
      const test = either();
      take(')');
      return test;
    }
    if (word === 'NOT') {
      const test = operand();
      return (stateOf) => !test(stateOf);
    }
    if (word === 'TRUE' || word === 'FALSE') return () => word === 'TRUE';
    if (word === 'ALARM' || word === 'OK' || word === 'INSUFFICIENT_DATA') {
      take('(');
      const given = tokens[at++]?.name;
      if (given === undefined) throw invalid('the name of an alarm is missing');
      const name = given.replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
      names.push(name);
      take(')');
      return (stateOf) => stateOf(name) === word;
    }
    throw invalid('it ends too early');
  };
  const both = (): Test => {
    let left = operand();
    while (tokens[at]?.word === 'AND') {
      at += 1;
      const [before, after] = [left, operand()];
      left = (stateOf) => before(stateOf) && after(stateOf);
    }
    return left;
  };
  const either = (): Test => {
    let left = both();
    while (tokens[at]?.word === 'OR') {
      at += 1;
      const [before, after] = [left, both()];
      left = (stateOf) => before(stateOf) || after(stateOf);
    }
    return left;
  };
  const holds = either();
  if (at < tokens.length) throw invalid('it goes on after its end');
  return { names, holds };
};
