import { describe, expect, it } from '@jest/globals';
import { commentsTooWide } from './comment-width.ts';

const words = 'word '.repeat(30);

describe('a comment', () => {
  it('is at most 120 columns wide, in code and in YAML', () => {
    const text = `// ${words}\n/**\n * ${words}\n */\nconst code = '${words}';\n// short\n// biome-ignore lint: ${words}\n`;
    expect(commentsTooWide([{ path: 'a.ts', text }])).toEqual([
      'a.ts:1: a comment of 153 columns; 120 are allowed',
      'a.ts:3: a comment of 153 columns; 120 are allowed',
    ]);
    expect(commentsTooWide([{ path: 'b.yml', text: `# ${words}\nname: ${words}\n` }])).toHaveLength(1);
    expect(commentsTooWide([{ path: 'c.gen.ts', text: `// ${words}\n` }])).toEqual([]);
  });
});
