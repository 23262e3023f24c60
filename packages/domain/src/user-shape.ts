import * as z from 'zod/mini';

/** What DynamoDB takes as a sort key. */
export const LONGEST_LAST_NAME_BYTES = 1024;

// The messages complete the sentence of a misfit: `last_name` should be `text that is not empty`.
const text = z.nullish(z.string('text'));
const within = <Shape extends z.core.$ZodShape>(shape: Shape) => z.nullish(z.object(shape, 'an object'));
/** Degrees: beyond 180 there is no such place. A number nearer to zero than 1e-100 does not fit into DynamoDB. */
const coordinate = z.nullish(
  z
    .number('a number')
    .check(
      z.refine((value) => Math.abs(value) <= 180 && (value === 0 || Math.abs(value) > 1e-100), 'from -180 to 180'),
    ),
);

/**
 * The members of a user that are known, and what each has to be. The password is none of them: it is not taken,
 * whatever it is.
 */
export const UserShape = z.object(
  {
    id: z.int('a whole number from 0 to 2^53 - 1').check(z.minimum(0, 'a whole number from 0 to 2^53 - 1')),
    last_name: z.string('text that is not empty').check(
      z.refine((name) => name.trim() !== '', 'text that is not empty'),
      z.refine((name) => Buffer.byteLength(name) <= LONGEST_LAST_NAME_BYTES, 'at most 1,024 bytes'),
    ),
    uid: text,
    first_name: text,
    username: text,
    email: text,
    avatar: text,
    gender: text,
    phone_number: text,
    social_insurance_number: text,
    /** `YYYY-MM-DD` */
    date_of_birth: text,
    employment: within({ title: text, key_skill: text }),
    address: within({
      city: text,
      street_name: text,
      street_address: text,
      zip_code: text,
      state: text,
      country: text,
      coordinates: within({ lat: coordinate, lng: coordinate }),
    }),
    credit_card: within({ cc_number: text }),
    subscription: within({ plan: text, status: text, payment_method: text, term: text }),
  },
  'an object',
);
