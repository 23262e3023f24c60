import { describe, expect, it } from '@jest/globals';
import { swallowedByNpm } from './npm-swallowed.ts';

describe('swallowedByNpm', () => {
  it('names the options that npm took, and shows where they go', () => {
    const taken = { npm_config_fresh: 'true', npm_config_aws_only: 'true', npm_config_collect: '' };
    expect(swallowedByNpm([], taken)).toMatch(
      /^Not used: --fresh, --no-collect, --aws-only\. .* npm start -- --fresh$/,
    );
    expect(swallowedByNpm([], { npm_config_port: '5000' })).toMatch(/npm start -- --port …$/);
  });

  it('is silent about what is given by hand, what is off and what is not ours', () => {
    const port = { npm_config_port: '5000' };
    expect(swallowedByNpm(['--port', '4000'], port)).toBeUndefined();
    expect(swallowedByNpm(['--port=4000'], port)).toBeUndefined();
    const settings = { npm_config_fresh: '', npm_config_collect: 'true', npm_config_cache: '/x' };
    expect(swallowedByNpm([], settings)).toBeUndefined();
  });
});
