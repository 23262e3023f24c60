import * as z from 'zod/mini';

/** Any name, once or several times, as text: which columns there are is not known before the version is. */
export const anyName = () => z.catchall(z.object({}), z.union([z.string(), z.array(z.string())]));
