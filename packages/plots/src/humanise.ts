import type { Field } from '@granary/tabular/table';
import { plainText } from './plain-text.ts';

/** `value_usd` as people write it: `Value usd`. */
const humanName = ({ name }: Pick<Field, 'name'>): string => {
  const words = name.replaceAll('_', ' ').trim() || name;
  return words[0].toUpperCase() + words.slice(1);
};

/** The name of a column without its unit, where that is said beside it: `quantity_kg` in kg is `Quantity`. */
export const nameOf = (field: Field): string => {
  const ending = `_${field.unit?.toLowerCase().replace('us$', 'usd')}`;
  const name = field.name.endsWith(ending) ? field.name.slice(0, -ending.length) : field.name;
  return plainText(humanName({ name }));
};

/** The same with its unit: `Quantity (kg)`. */
export const labelOf = (field: Field): string =>
  field.unit === undefined ? nameOf(field) : plainText(`${nameOf(field)} (${field.unit})`);

/** A count as people read it: `1,234`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
