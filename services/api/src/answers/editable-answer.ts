import { z } from 'zod';

export const Licence = () => z.strictObject({ name: z.string(), title: z.string(), path: z.optional(z.string()) });

export const Editable = z
  .strictObject({
    title: z.optional(z.string()),
    description: z.optional(z.string()),
    tags: z.optional(z.array(z.string())),
    theme: z.optional(z.string()),
    licence: z.optional(Licence()),
  })
  .meta({ id: 'EditableMembers', description: 'What people may say of a dataset in place of its source.' });

export const Years = () =>
  z.strictObject({ first: z.int(), last: z.int() }).meta({
    description: 'The years that its columns of years hold, or else its columns of dates; none where no column tells.',
  });
