/** Comments are read beside code, in windows of two: at most 120 columns a line. */
import type { SourceText } from './one-name.ts';

const WIDEST = 120;
/** A line of a comment: `//`, `/*` or ` *` in code, `#` in YAML. What a tool reads has to stay on one line. */
const COMMENT = /^\s*(\/\/|\/\*|\*(?= |$)|#)/;
const FOR_TOOLS = /^\s*(\/\/|#) *(biome-ignore|shellcheck|checkov)/;

/** Lines of comments that are wider, each as `path:line`. Generated files are left out. */
export const commentsTooWide = (texts: readonly SourceText[]): string[] =>
  texts
    .filter(({ path }) => /\.(ts|mjs|cjs|ya?ml)$/.test(path) && !/\.gen\.|pnpm-lock/.test(path))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, i) =>
          line.length > WIDEST && COMMENT.test(line) && !FOR_TOOLS.test(line)
            ? [`${path}:${i + 1}: a comment of ${line.length} columns; ${WIDEST} are allowed`]
            : [],
        ),
    );
