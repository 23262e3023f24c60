/** Pages of the site, in the shape of the real ones: the figures of one file and year, for people. */

import { type Edition, embrapaTable } from './file.ts';
import { EMBRAPA_FILES, type ReplicaFileKind } from './file-layouts.ts';
import { FIRST_YEAR } from './made-figures.ts';

/** What `opcao` and `subopcao` show which file. */
const OPTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['opt_02', ['Producao']],
  ['opt_03', ['ProcessaViniferas', 'ProcessaAmericanas', 'ProcessaMesa', 'ProcessaSemclass']],
  ['opt_04', ['Comercio']],
  ['opt_05', ['ImpVinhos', 'ImpEspumantes', 'ImpFrescas', 'ImpPassas', 'ImpSuco']],
  ['opt_06', ['ExpVinho', 'ExpEspumantes', 'ExpUva', 'ExpSuco']],
];

/** The file whose figures a page shows; undefined for a page of something else. */
export const fileOfPage = (query: URLSearchParams): string | undefined => {
  const files = OPTIONS.find(([option]) => option === query.get('opcao'))?.[1];
  return files?.[Number((query.get('subopcao') ?? 'subopt_01').slice(-2)) - 1];
};

const TITLES: Record<ReplicaFileKind, readonly string[]> = {
  production: ['Produto', 'Quantidade (L.)'],
  processing: ['Cultivar', 'Quantidade (Kg)'],
  trade: ['Países', 'Quantidade (Kg)', 'Valor (US$)'],
};

/** Whole figures with points; the site writes nought, and whatever is no figure, as `-`. */
const shown = (cell: string): string => {
  const whole = cell.split(',')[0]!;
  return /^[1-9]\d*$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, '.') : '-';
};

const escaped = (text: string): string => text.trim().replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const rowOf = (cells: readonly string[], style: string): string =>
  `<tr>\n${cells.map((cell) => `  <td${style}>\n    ${escaped(cell)}\n  </td>`).join('\n')}\n</tr>`;

/**
 * The page of a year, the newest one without; undefined for a year that the file does not have. `differs`: one of its
 * figures is another than in the file.
 */
export const embrapaPage = (
  name: string,
  edition: Edition,
  { year, differs = false }: { year?: number; differs?: boolean } = {},
): string | undefined => {
  const { layout, rows } = embrapaTable(name, edition);
  const { kind } = EMBRAPA_FILES.find((file) => file.name === name)!;
  const last = layout.years.at(-1)!;
  const wanted = year ?? last;
  const places = layout.years.flatMap((one, i) => (one === wanted ? [i] : [])).slice(0, kind === 'trade' ? 2 : 1);
  if (places.length === 0) return undefined;
  const lead = layout.control ? 3 : 2;
  const lines = rows.slice(layout.header === null ? 0 : 1).map((cells) => {
    const product = cells[lead - 1]!;
    const isSection =
      kind !== 'trade' && name !== 'ProcessaSemclass' && !/\d/.test(product) && product === product.toUpperCase();
    const style = kind === 'trade' ? '' : ` class='${isSection ? 'tb_item' : 'tb_subitem'}'`;
    return { cells: [product, ...places.map((place) => shown(cells[lead + place]!))], style };
  });
  const spoilt = differs ? lines.find(({ cells }) => cells[1] !== '-') : undefined;
  if (spoilt) spoilt.cells[1] = `9${spoilt.cells[1]}`.replace(/^9(\d{3}\.|\d{3}$)/, '9.$1');
  return `<!DOCTYPE html>
<html lang='pt-br'>
<head><meta charset='UTF-8'><title>Vitibrasil</title></head>
<body>
<p id='p_ano'><label class='lbl_pesq'>Ano: [${FIRST_YEAR}-${last}] </label></p>
<div class='content_center'>
  <p class='text_center'>${name} [${wanted}] </p>
  <table class='tb_base tb_dados'>
    <thead><tr>${TITLES[kind].map((title) => `<th>${title}</th>`).join('')}</tr></thead>
    <tbody>
${lines.map(({ cells, style }) => rowOf(cells, style)).join('\n')}
    </tbody>
    <tfoot class='tb_total'>${rowOf(['Total', ...places.map(() => '-')], '')}</tfoot>
  </table>
</div>
</body>
</html>
`;
};
