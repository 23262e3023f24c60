import { describe, expect, it } from '@jest/globals';
import { codeSamples } from './code-samples.ts';

const pythonOf = (example: {
  path: string;
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
}): string => codeSamples({ method: 'POST', auth: 'cognito' }, { summary: '', ...example })[2].source;

// They are run as printed in CI (.ci/suites/python-clients).
describe('A call in Python', () => {
  it('R12: writes values as Python does, not as JSON does', () => {
    const body = {
      sql: 'SELECT 1',
      parameters: { on: true, off: false, none: null, list: [1, true], text: 'it\'s "so"' },
    };
    expect(pythonOf({ path: '/v1/query', body })).toBe(
      'answer = requests.post(f"{GRANARY}/v1/query", headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}, ' +
        'json={"sql": "SELECT 1", "parameters": {"on": True, "off": False, "none": None, "list": [1, True], "text": "it\'s \\"so\\""}})',
    );
  });

  it('R12: takes braces and quotes of an address for what they are, and its variables for variables', () => {
    expect(pythonOf({ path: '/v1/records/x?product=like(any).{a*,b*}&note=eq."-"' })).toContain(
      'f"{GRANARY}/v1/records/x?product=like(any).{{a*,b*}}&note=eq.\\"-\\""',
    );
    expect(pythonOf({ path: '/v1/runs/{id}/log' })).toContain('f"{GRANARY}/v1/runs/{RUN_ID}/log"');
    expect(pythonOf({ path: '/x', headers: { Prefer: 'handling={a}' } })).toContain('"Prefer": "handling={a}"');
  });
});
