import { describe, expect, it } from '@jest/globals';
import { environmentOf, targetOf } from './target.ts';

describe('where a command acts', () => {
  it.each([
    ['the option', 'eu-west-1', { GRANARY_REGION: 'eu-west-2', AWS_REGION: 'eu-west-3' }, 'eu-west-1'],
    ["the project's variable", undefined, { GRANARY_REGION: 'eu-west-2', AWS_REGION: 'eu-west-3' }, 'eu-west-2'],
    ["the shell's region", undefined, { AWS_REGION: 'eu-west-3', AWS_DEFAULT_REGION: 'sa-east-1' }, 'eu-west-3'],
    ["the shell's default region", undefined, { AWS_REGION: '', AWS_DEFAULT_REGION: 'sa-east-1' }, 'sa-east-1'],
    ['Virginia', undefined, {}, 'us-east-1'],
  ])('is in the region of %s first', (_, region, env, expected) => {
    expect(targetOf({ stage: 'dev', region }, env)).toEqual({ stage: 'dev', region: expected });
  });

  it.each(['us-gov-west-1', 'ap-southeast-2', 'cn-northwest-1', 'us-iso-east-1'])('may be %s', (region) => {
    expect(targetOf({ stage: 'dev', region }, {}).region).toBe(region);
  });

  it('is told where a name is none, with the name and where it came from', () => {
    const refusal = (options: object, env = {}) => {
      try {
        return targetOf(options, env);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal({})).toMatch(/--stage takes .* not ''/);
    expect(refusal({ stage: 'Dev' })).toMatch(/not 'Dev'/);
    expect(refusal({ stage: 'a'.repeat(17) })).toMatch(/at most 16 letters/);
    expect(refusal({ stage: 'local' })).toMatch(/embedded AWS/);
    expect(refusal({ stage: 'dev', region: 'Ireland' })).toBe(
      "--region takes a region such as us-east-1, not 'Ireland'.",
    );
    expect(refusal({ stage: 'dev' }, { AWS_REGION: 'eu' })).toBe(
      "AWS_REGION takes a region such as us-east-1, not 'eu'.",
    );
  });

  it('is handed on by the environment', () => {
    expect(environmentOf({ stage: 'dev', region: 'eu-west-1' }, { PATH: '/bin', AWS_REGION: 'us-east-2' })).toEqual({
      ...{ PATH: '/bin', GRANARY_REGION: 'eu-west-1', AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' },
    });
  });
});
