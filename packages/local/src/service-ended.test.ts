import { describe, expect, it } from '@jest/globals';
import { serviceEnded } from './service-ended.ts';

const TABLE = '┌──────┐\n│   GET     | http://127.0.0.1:4001/v1/datasets   │\n└──────┘\n';
const tell = (log: string, how = 'SIGKILL') => serviceEnded({ service: 'api', how, log, path: '/state/logs/api.log' });

describe('the sentence about a service that ended', () => {
  it('names the place in the code when the build failed, without stacks', () => {
    const text = tell(
      '✘ [ERROR] Unexpected "}"\n\n    src/one.ts:3:0:\n      3 │ };\n        ╵ ^\n\nEnvironment: linux, node 24\nDocs: x\n\nError:\n' +
        'Error: Build failed with 1 error:\nsrc/one.ts:3:0: ERROR: Unexpected "}"\n    at failureErrorWithLog (main.js:1:1)\n',
      '1',
    );
    expect(text).toContain(
      'The code of services/api cannot be built:\n\n✘ [ERROR] Unexpected "}"\n    src/one.ts:3:0:',
    );
    expect(text).not.toMatch(/failureErrorWithLog|Environment/);
    expect(text).toContain('start again with npm start');
  });

  it('shows what went wrong last and not the table of routes, the metrics or the calls that went well', () => {
    const text = tell(
      `${TABLE}{"_aws":{}}\n{"level":"INFO","message":"request"}\n{"level":"WARN","message":"message failed"}\n(λ: data) RequestId: 1\n\n`,
    );
    expect(text).toBe(
      'The api service ended by itself (SIGKILL). The end of its log:\n\n{"level":"WARN","message":"message failed"}\n\n' +
        'Start again with npm start. The whole log: /state/logs/api.log',
    );
  });

  it("shows an error of serverless-offline's own from its first line", () => {
    const text = tell(`${TABLE}Error:\nError: EACCES: permission denied, mkdir 'x'\n    at a.js:1\n`, '1');
    expect(text).toContain("log:\n\nError: EACCES: permission denied, mkdir 'x'\n\nStart");
    expect(text).not.toContain('a.js');
  });
});
