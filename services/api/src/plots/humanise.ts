import type { Field } from '@granary/tabular/table';
import { plainText } from './plain-text.ts';

/** `value_usd` as people write it: `Value usd`. */
export const humanName = ({ name }: Pick<Field, 'name'>): string => {
  const words = name.replaceAll('_', ' ').trim() || name;
  return words[0].toUpperCase() + words.slice(1);
};

/** The name of a column with its unit; a unit at the end of the name is not said twice (`quantity_kg`, kg). */
export const labelOf = (field: Field): string => {
  if (field.unit === undefined) return plainText(humanName(field));
  const ending = field.unit.toLowerCase().replace('us$', 'usd');
  const name = field.name.endsWith(`_${ending}`) ? field.name.slice(0, -ending.length - 1) : field.name;
  return plainText(`${humanName({ name })} (${field.unit})`);
};

/** A count as people read it: `1,234`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
