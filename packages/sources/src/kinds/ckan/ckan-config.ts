import * as z from 'zod/mini';

const names = () => z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.minLength(1), z.maxLength(100));

export const CkanConfig = z
  .strictObject({
    /** Which of several languages titles are taken in, where a portal has translations: `fr`. */
    language: z.optional(z.string().check(z.regex(/^[a-z]{2,3}([-_][A-Za-z]{2,4})?$/))),
    /** Address of the Action API, such as `https://a.example/api/3/action/`, where it is not found by itself. */
    api: z.optional(z.url({ protocol: /^https?$/ })),
    /** Which datasets are taken: those of these groups (themes), of these organizations, or that a search finds. */
    groups: z.optional(names()),
    organizations: z.optional(names()),
    search: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
    /** Which formats are taken, such as `csv`; all that may hold tables where it is absent. */
    formats: z.optional(names()),
    /** Datasets of a page of the Action API. */
    page_size: z._default(z.int().check(z.minimum(2), z.maximum(1000)), 50),
  })
  .check(
    z.refine(
      ({ groups, organizations, search }) => [groups, organizations, search].filter((one) => one).length < 2,
      'It takes one of `groups`, `organizations` and `search`, or none for all datasets',
    ),
  );
export type CkanConfig = z.infer<typeof CkanConfig>;
