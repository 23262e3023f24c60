/**
 * Where the files of Swagger UI lie. In a bundle this file is another one, which finds them beside the function
 * (config/esbuild-plugins.cjs): keep their exports alike.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const uiFile = (name: string): string => require.resolve(`swagger-ui-dist/${name}`);
