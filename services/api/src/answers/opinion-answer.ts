import type { OpinionHeard } from '@granary/domain/second-opinion';
import { z } from 'zod';

const count = (description: string) => z.int().min(0).meta({ description });

export const OpinionShape = z
  .strictObject({
    url: z.string().meta({ description: 'The page.' }),
    about: z.string().meta({ description: 'What was compared, such as `of 2023`.' }),
    compared: count('Figures that both have.'),
    differing: count('How many of these differ.'),
    differences: z.array(z.string()).meta({ description: 'The first 20 that differ, a sentence each.' }),
    unmatched: count('Names that stand in one of both only.'),
  })
  .meta({
    description: 'What another page of its publisher says of its figures. `notes` say it in words.',
  }) satisfies z.ZodType<OpinionHeard>;
