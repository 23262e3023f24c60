import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { asciiJson, writeAsciiLine, writeLine } from './stdout.ts';

describe('a line of the log', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([0, 5, 9])('is whole when the pipe takes %i bytes of it at first', (taken) => {
    let rest = Buffer.alloc(0);
    jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      rest = Buffer.from(chunk);
      return true;
    });
    const line = 'ação ção\n';
    writeLine(line, (_fd, text) => {
      if (taken === 0) throw new Error('EAGAIN');
      return Math.min(taken, Buffer.byteLength(text));
    });
    expect(Buffer.concat([Buffer.from(line).subarray(0, taken), rest]).toString()).toBe(line);
  });

  it.each([0, 5, 9])('of ASCII alone is whole, too, when the pipe takes %i of it at first', (taken) => {
    let rest = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      rest = String(chunk);
      return true;
    });
    const line = `{"id":${asciiJson('"ação" 🍇')}}\n`;
    writeAsciiLine(line, (_fd, text) => {
      if (taken === 0) throw new Error('EAGAIN');
      return Math.min(taken, Buffer.byteLength(text));
    });
    expect(line.slice(0, taken) + rest).toBe(line);
    expect(Buffer.byteLength(line)).toBe(line.length);
    expect(JSON.parse(line)).toEqual({ id: '"ação" 🍇' });
  });
});
