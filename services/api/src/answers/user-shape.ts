import { z } from 'zod';
import { text } from './shapes.ts';

const word = () => z.optional(z.nullable(z.string()));
const within = <Shape extends z.core.$ZodShape>(shape: Shape) => z.optional(z.nullable(z.strictObject(shape)));
const number = () => z.optional(z.nullable(z.number()));

export const UserShape = z
  .strictObject({
    id: z.int().min(0),
    last_name: z.string(),
    uid: word(),
    password: z.optional(z.nullable(text('Never stored: a marker.'))),
    first_name: word(),
    username: word(),
    email: z.optional(z.nullable(text('Masked unless the caller is an analyst.'))),
    avatar: word(),
    gender: word(),
    phone_number: z.optional(z.nullable(text('Masked unless the caller is an analyst.'))),
    social_insurance_number: z.optional(z.nullable(text('`***-***-652` unless the caller is an analyst.'))),
    date_of_birth: word(),
    employment: within({ title: word(), key_skill: word() }),
    address: within({
      city: word(),
      street_name: word(),
      street_address: word(),
      zip_code: word(),
      state: word(),
      country: word(),
      coordinates: within({ lat: number(), lng: number() }),
    }),
    credit_card: within({ cc_number: word() }),
    subscription: within({ plan: word(), status: word(), payment_method: word(), term: word() }),
  })
  .meta({ id: 'User', description: 'Only `id` and `last_name` are sure to be there; together they are the key.' });
