import { describe, expect, it } from '@jest/globals';
import { HELP, parseOptions } from './options.ts';

describe('parseOptions', () => {
  it('collects from the replica on port 4000 and keeps its state, unless told otherwise', () => {
    expect(parseOptions([])).toEqual({
      fresh: false,
      port: 4000,
      live: false,
      collect: true,
      vintage: undefined,
      awsOnly: false,
      tracing: false,
      watch: false,
      state: undefined,
      help: false,
    });
    expect(parseOptions(['--fresh', '--port', '5000', '--no-collect', '--vintage=2024', '--state', 'x'])).toMatchObject(
      {
        fresh: true,
        port: 5000,
        collect: false,
        vintage: 2024,
        state: 'x',
      },
    );
  });

  it.each([['--frsh'], ['something'], ['--port'], ['--fresh=1']])('names %s and lists the options', (argument) => {
    expect(() => parseOptions([argument])).toThrow(HELP);
    expect(() => parseOptions([argument])).toThrow(argument.split('=')[0]);
  });

  it('says where options go when a value stands alone', () => {
    expect(() => parseOptions(['5000'])).toThrow(/Unexpected argument '5000'\. Options go after `--`/);
  });

  it('says what a start without --vintage publishes, and how to get a token', () => {
    expect(HELP).toContain('default 2023');
    expect(HELP).toContain('npm run -s token -- reader');
  });

  it('says what a number may be', () => {
    for (const port of ['0', '80', '65535', '4e3', 'abc', ''])
      expect(() => parseOptions(['--port', port])).toThrow('--port takes a number');
    expect(() => parseOptions(['--vintage', 'next'])).toThrow('--vintage takes a number');
    expect(() => parseOptions(['--live', '--vintage', '2024'])).toThrow('--vintage');
  });
});
