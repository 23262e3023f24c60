import { UserShape } from '@granary/domain/user-shape';
import { z } from 'zod';
import { text } from './shapes.ts';

const described = (what: string) => z.optional(z.nullable(text(what)));

/** A user as callers see one: the shape that is stored, and the marker where its password was. */
export const UserAnswer = z
  .strictObject({
    ...UserShape.shape,
    password: described('Always a marker. Passwords are never stored.'),
    email: described('Masked unless the caller is an analyst.'),
    phone_number: described('Masked unless the caller is an analyst.'),
    social_insurance_number: described('`***-***-652` unless the caller is an analyst.'),
  })
  .meta({ id: 'User', description: 'Only `id` and `last_name` are always present. Together they are the key.' });
