/** Files of the store as answers: a redirect to one, or where it lies as JSON. */
import { type Reply, reply } from '@granary/runtime/http/reply';
import * as z from 'zod/mini';

/** JSON that says where a file lies, where `application/json` is the type of something else. */
export const FILE_TYPE = 'application/vnd.granary.file+json';

/**
 * `redirect=false`: where a file lies is said in the body of a 200. For clients that follow a redirect with the token
 * that they were given (Python's urllib and what is built on it, pandas for one): S3 refuses two ways to authenticate.
 */
export const redirectParameter = () => z._default(z.boolean(), true);

/**
 * 303 to a file with what is known of it as the body, or without `redirect` a 200 with that body. Either is of this
 * moment: the address expires.
 */
export const fileReply = <Known extends { location: string }>(
  redirect: boolean,
  known: Known,
  { headers = {}, type = FILE_TYPE }: { headers?: Record<string, string>; type?: string } = {},
): Reply =>
  reply({
    status: redirect ? 303 : 200,
    headers: redirect
      ? { ...headers, Location: known.location, 'Content-Type': 'application/json' }
      : { ...headers, 'Content-Type': type },
    cache_control: 'no-store',
    body: known,
  });
