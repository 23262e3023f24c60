/** The portal's pages, with the elements and classes of CKAN 2.9's templates. */
import { THEMES } from './dataset-spec.ts';
import { ckanDate, groupJson, urlOf } from './package-json.ts';
import type { ListedDataset, ListedResource, PortalCatalog } from './portal-catalog.ts';
import { PORTAL_ROOT } from './portal-state.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;');

/** A path below the portal, its names written for an address. */
const pathOf = (...names: readonly string[]): string => PORTAL_ROOT + names.map(encodeURIComponent).join('/');

export const pageOf = (title: string, content: string): string => `<!DOCTYPE html>
<html lang="fr">
  <head>
    <meta charset="utf-8" />
    <meta name="generator" content="ckan 2.9.7" />
    <title>${escaped(title)} - Données ouvertes</title>
  </head>
  <body data-site-root="${PORTAL_ROOT}" data-locale-root="${PORTAL_ROOT}">
    <nav class="section navigation"><ul class="nav nav-pills">
      <li><a href="${PORTAL_ROOT}dataset">Jeux de données</a></li><li><a href="${PORTAL_ROOT}group">Thèmes</a></li>
      <li><a href="${PORTAL_ROOT}user/login">Connexion</a></li>
    </ul></nav>
    <div class="main"><div id="content" class="container">
${content}
    </div></div>
  </body>
</html>
`;

export const groupsPage = (catalog: PortalCatalog): string =>
  pageOf(
    'Thèmes',
    `<ul class="media-grid" data-module="media-grid">
${THEMES.map((theme) => {
  const { title, description } = groupJson(theme);
  const count = [...catalog.numbers(theme[0])].length;
  return `  <li class="media-item">
    <h3 class="media-heading">${escaped(title)}</h3>
    <p class="media-description">${escaped(description)}</p>
    <strong class="count">${count} jeux de données</strong>
    <a href="${pathOf('group', theme[0])}" title="Voir ${escaped(title)}" class="media-view"><span>Voir</span></a>
  </li>`;
}).join('\n')}
</ul>`,
  );

const itemOf = ({ spec, title }: ListedDataset): string => {
  const path = pathOf('dataset', spec.name);
  const formats = [...new Set(spec.resources.map(({ format }) => format))].map(
    (format) =>
      `<li><a href="${path}" class="label label-default" data-format="${escaped(format.toLowerCase())}">${escaped(format)}</a></li>`,
  );
  return `  <li class="dataset-item">
    <div class="dataset-content">
      <h2 class="dataset-heading"><a href="${path}">${escaped(title)}</a></h2>
      <div>${escaped(spec.notes)}</div>
    </div>
    <ul class="dataset-resources list-unstyled">${formats.join('')}</ul>
  </li>`;
};

/** `« 1 2 3 »`, as far as there are such pages. */
const pagination = (path: string, page: number, pages: number): string => {
  if (pages < 2) return '';
  const link = (to: number, text: string | number, name = '') =>
    `<li class="${name}"><a href="${path}?page=${to}">${text}</a></li>`;
  const near = Array.from({ length: pages }, (_, n) => n + 1).filter(
    (n) => n === 1 || n === pages || Math.abs(n - page) < 3,
  );
  const links = near.map((n) => link(n, n, n === page ? 'active' : ''));
  return `<div class="pagination-wrapper"><ul class="pagination">${page > 1 ? link(page - 1, '«') : ''}${links.join('')}${page < pages ? link(page + 1, '»') : ''}</ul></div>`;
};

export type DatasetListing = {
  title: string;
  /** Of the listing, without a query. */
  path: string;
  catalog: PortalCatalog;
  numbers: readonly number[];
  page: number;
  per_page: number;
  /** Each page is the first one, and there is always a next one. */
  loops: boolean;
};

export const listingPage = ({ title, path, catalog, numbers, page, per_page, loops }: DatasetListing): string => {
  const pages = loops ? page + 1 : Math.ceil(numbers.length / per_page);
  const from = loops ? 0 : (page - 1) * per_page;
  const items = numbers.slice(from, from + per_page).map((number) => itemOf(catalog.dataset(number)));
  const list =
    items.length > 0
      ? `<ul class="dataset-list list-unstyled">\n${items.join('\n')}\n</ul>`
      : '<p class="empty">Aucun jeu de données</p>';
  return pageOf(
    title,
    `<section class="module"><h1>${escaped(title)}</h1><h2>${numbers.length} jeux de données trouvés</h2>
${list}
${pagination(path, page, pages)}</section>`,
  );
};

const resourceItem = (resource: ListedResource, page: string, host: string): string => {
  const { name, format } = resource.spec;
  const path = `${page}/resource/${resource.id}`;
  return `  <li class="resource-item" data-id="${resource.id}">
    <a class="heading" href="${path}" title="${escaped(name)}">
      ${escaped(name)}<span class="format-label" property="dc:format" data-format="${escaped(format.trim().toLowerCase() || 'data')}">${escaped(format)}</span>
    </a>
    <p class="description"></p>
    <div class="dropdown btn-group">
      <a href="#" class="btn btn-primary dropdown-toggle" data-toggle="dropdown"><i class="fa fa-share-square-o"></i> Explorer</a>
      <ul class="dropdown-menu">
        <li><a href="${path}"><i class="fa fa-bar-chart-o"></i> Plus d'information</a></li>
        <li><a href="${escaped(urlOf(resource.address, host))}" class="resource-url-analytics" target="_blank"><i class="fa fa-arrow-circle-o-down"></i> Télécharger</a></li>
      </ul>
    </div>
  </li>`;
};

const detail = (label: string, value: string): string =>
  `<tr><th scope="row" class="dataset-label">${label}</th><td class="dataset-details">${value}</td></tr>`;
const dateOf = (date: Date): string =>
  `<span class="automatic-local-datetime" data-datetime="${ckanDate(date).slice(0, 19)}+0000">${ckanDate(date).slice(0, 16).replace('T', ', ')} (UTC)</span>`;

export const datasetPage = (dataset: ListedDataset, host: string): string => {
  const { spec, title, organization, licence, resources } = dataset;
  const path = pathOf('dataset', spec.name);
  const items = resources.map((resource) => resourceItem(resource, path, host));
  const tags = spec.tags.map(
    (tag) =>
      `<li><a class="tag" href="${PORTAL_ROOT}dataset?tags=${encodeURIComponent(tag).replaceAll('%20', '+')}">${escaped(tag)}</a></li>`,
  );
  return pageOf(
    `${title} - Jeu de données`,
    `<ol class="breadcrumb"><li class="home"><a href="${PORTAL_ROOT}">Accueil</a></li>
  <li><a href="${PORTAL_ROOT}organization/${organization[0]}">${escaped(organization[1])}</a></li><li class="active"><a href="${path}">${escaped(title)}</a></li></ol>
<aside class="secondary col-sm-3">
  <div class="module context-info"><h1 class="heading">${escaped(organization[1])}</h1></div>
  <section class="module module-narrow module-shallow license">
    <h2 class="module-heading"><i class="fa fa-lock"></i> Licence</h2>
    <p class="module-content">${licence[2] ? `<a href="${licence[2]}" rel="dc:rights">${escaped(licence[1])}</a>` : `<span>${escaped(licence[1])}</span>`}</p>
  </section>
</aside>
<div class="primary col-sm-9"><article class="module"><div class="module-content">
<h1>${escaped(title)}</h1>
<div class="notes embedded-content"><p>${escaped(spec.notes)}</p></div>
<section id="dataset-resources" class="resources"><h2>Données et ressources</h2>
${items.length > 0 ? `<ul class="resource-list">\n${items.join('\n')}\n</ul>` : '<p class="empty">Ce jeu de données ne contient aucune donnée</p>'}
</section>
<section class="tags"><ul class="tag-list well">${tags.join('')}</ul></section>
<section class="additional-info"><h3>Informations supplémentaires</h3><table class="table table-striped"><tbody>
${detail('Auteur', escaped(organization[1]))}
${detail('Dernière mise à jour', dateOf(dataset.modified))}
${detail('Créé le', dateOf(dataset.created))}
</tbody></table></section>
</div></article></div>`,
  );
};

export const loginPage = (): string =>
  pageOf(
    'Connexion',
    `<form class="form-horizontal" action="${PORTAL_ROOT}login_generic" method="post"><h1>Connexion</h1><input name="login"><input name="password" type="password"></form>`,
  );
export const missingPage = (): string =>
  pageOf('404 Introuvable', '<h1>404 Introuvable</h1><p>La ressource demandée est introuvable.</p>');
