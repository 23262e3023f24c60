import type { DatasetDefinition } from '@granary/domain/source';
import type { Field } from '@granary/tabular/table';

/** `production`: one figure a year, in sections. `trade`: two figures a year (quantity, then value), by country. */
export type FileKind = 'production' | 'trade';

export type EmbrapaFile = {
  /** As the site spells it, without `.csv`. */
  name: string;
  kind: FileKind;
  /** Titles of its sections as they were seen: only evidence, since new ones may come. */
  sections: readonly string[];
  dataset: DatasetDefinition;
};

const NOTE =
  'Why a figure is missing: the marker of the source (`nd`, `*`, `+`, `-`) or `blank`. Null when nothing is missing.';

const provenance: readonly Field[] = [
  { name: 'line', type: 'int32', nullable: false, description: 'Line of the source file, from 1.' },
  { name: 'processing_date', type: 'date', nullable: false, description: 'Day on which the file was read.' },
];

const year: Field = { name: 'year', type: 'int32', nullable: false, title: 'Ano' };

const productionFields = (unit: string): readonly Field[] => [
  {
    name: 'section',
    type: 'string',
    nullable: true,
    description: 'The section that the product stands in, by its own name; null in a file without sections.',
  },
  { name: 'product', type: 'string', nullable: false, title: 'Produto', description: 'Spaces trimmed and collapsed.' },
  {
    name: 'product_code',
    type: 'string',
    nullable: true,
    title: 'control',
    description: 'The `control` of the source, which repeats across sections; null when there is none.',
  },
  year,
  { name: 'quantity', type: 'double', nullable: true, unit, description: 'Null when not available, never 0 for that.' },
  { name: 'note', type: 'string', nullable: true, description: NOTE },
  {
    name: 'is_total',
    type: 'boolean',
    nullable: false,
    description: 'Whether this is the total of its section. Totals do not always equal the sum of their parts.',
  },
  ...provenance,
];

const tradeFields: readonly Field[] = [
  { name: 'country', type: 'string', nullable: false, title: 'País', description: 'Spaces trimmed and collapsed.' },
  year,
  { name: 'quantity_kg', type: 'double', nullable: true, unit: 'kg', description: 'Null when not available.' },
  { name: 'value_usd', type: 'double', nullable: true, unit: 'US$', description: 'Null when not available.' },
  { name: 'note', type: 'string', nullable: true, description: `${NOTE} Written \`quantity_kg: nd; value_usd: *\`.` },
  ...provenance,
];

const production = (
  name: string,
  id: string,
  unit: string,
  title: string,
  description: string,
  sections: readonly string[],
): EmbrapaFile => ({
  name,
  kind: 'production',
  sections,
  dataset: {
    id: `embrapa_${id}`,
    title,
    description,
    fields: productionFields(unit),
    key: ['section', 'line', 'year'],
  },
});

const processed = (name: string, id: string, what: string, sections: readonly string[]): EmbrapaFile =>
  production(
    name,
    id,
    'kg',
    `Grapes processed: ${what}`,
    `Kilograms of ${what} processed in Brazil (Rio Grande do Sul), by cultivar and year, since 1970.`,
    sections,
  );

const traded = (name: string, id: string, direction: 'Imports' | 'Exports', what: string): EmbrapaFile => ({
  name,
  kind: 'trade',
  sections: [],
  dataset: {
    id: `embrapa_${id}`,
    title: `${direction} of ${what}`,
    description: `${direction} of ${what} by country ${direction === 'Imports' ? 'of origin' : 'of destination'} and year, in kilograms and US$, since 1970.`,
    fields: tradeFields,
    key: ['country', 'line', 'year'],
  },
});

const GRAPES = ['TINTAS', 'BRANCAS', 'BRANCAS E ROSADAS'];

export const FILES: readonly EmbrapaFile[] = [
  production(
    'Producao',
    'producao',
    'L',
    'Production of wine, juice and derivatives',
    'Litres of wine, juice and derivatives of grapes produced in Rio Grande do Sul, by product and year, since 1970.',
    ['VINHO DE MESA', 'VINHO FINO DE MESA', 'VINHO FINO DE MESA (VINIFERA)', 'SUCO', 'DERIVADOS'],
  ),
  processed('ProcessaViniferas', 'processa_viniferas', 'viniferous grapes', GRAPES),
  processed('ProcessaAmericanas', 'processa_americanas', 'American and hybrid grapes', GRAPES),
  processed('ProcessaMesa', 'processa_mesa', 'table grapes', GRAPES),
  processed('ProcessaSemclass', 'processa_semclass', 'unclassified grapes', []),
  production(
    'Comercio',
    'comercio',
    'L',
    'Commercialisation of wine and derivatives',
    'Litres of wine and derivatives of grapes sold by producers of Rio Grande do Sul, by product and year, since 1970.',
    [
      'VINHO DE MESA',
      'VINHO FINO DE MESA',
      'VINHO FRISANTE',
      'VINHO FRIZANTE',
      'VINHO ORGÂNICO',
      'VINHO ESPECIAL',
      'ESPUMANTES',
      'SUCO DE UVAS',
      'SUCO DE UVAS CONCENTRADO',
      'OUTROS PRODUTOS COMERCIALIZADOS',
    ],
  ),
  traded('ImpVinhos', 'imp_vinhos', 'Imports', 'table wine'),
  traded('ImpEspumantes', 'imp_espumantes', 'Imports', 'sparkling wine'),
  traded('ImpFrescas', 'imp_frescas', 'Imports', 'fresh grapes'),
  traded('ImpPassas', 'imp_passas', 'Imports', 'raisins'),
  traded('ImpSuco', 'imp_suco', 'Imports', 'grape juice'),
  traded('ExpVinho', 'exp_vinho', 'Exports', 'table wine'),
  traded('ExpEspumantes', 'exp_espumantes', 'Exports', 'sparkling wine'),
  traded('ExpUva', 'exp_uva', 'Exports', 'fresh grapes'),
  traded('ExpSuco', 'exp_suco', 'Exports', 'grape juice'),
];

/** @throws RangeError when no file becomes this dataset. */
export const fileOf = (dataset: string): EmbrapaFile => {
  const file = FILES.find((known) => known.dataset.id === dataset);
  if (!file) throw new RangeError(`Embrapa publishes no dataset ${dataset}.`);
  return file;
};
