/**
 * Crawlee's CheerioCrawler on the portal at an address: its themes, the pages of their datasets, and the datasets.
 * `node crawl_crawlee.mjs FOLDER ADDRESS`, where FOLDER has @crawlee/cheerio installed. Prints JSON: pages, resources
 * and milliseconds of the crawl alone.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, address] = process.argv.slice(2);
const { CheerioCrawler, Configuration, LogLevel, log } = createRequire(join(folder, 'x.js'))('@crawlee/cheerio');
log.setLevel(LogLevel.ERROR);

let pages = 0;
let resources = 0;
const crawler = new CheerioCrawler(
  {
    ...{ minConcurrency: 16, maxConcurrency: 16, maxRequestRetries: 2, respectRobotsTxtFile: true },
    autoscaledPoolOptions: { desiredConcurrency: 16 },
    async requestHandler({ $, request, enqueueLinks }) {
      pages++;
      if (/\/dataset\/[^/]+$/.test(new URL(request.loadedUrl).pathname)) {
        const title = $('h1').last().text().trim();
        const tags = $('ul.tag-list li').toArray();
        const found = $('li.resource-item').toArray();
        const urls = found.map((item) => $(item).find('a.resource-url-analytics').attr('href'));
        if (!title || tags.length === 0) throw new Error(`${request.url} is no dataset`);
        resources += urls.length;
        return;
      }
      await enqueueLinks({ selector: 'a.media-view, .pagination a, .dataset-heading a', strategy: 'same-domain' });
    },
  },
  new Configuration({ persistStorage: false }),
);
const begun = performance.now();
const { requestsFailed } = await crawler.run([new URL('group', address).href]);
console.log(JSON.stringify({ pages, resources, failed: requestsFailed, ms: performance.now() - begun }));
