/**
 * One contender of the plots benchmark, in a process of its own: `node plots-contender.ts ours <bundle> <plot> <format>
 * <rounds>` calls the bundled function; `… peer <specification> <plot> <format> <rounds>` does with the same
 * specification what Vega's `vl2svg` does, and draws a PNG of that with the same renderer. Tells {@link
 * ./plots-cases.ts Drawn} on the file descriptor 3; `spec` in place of a format tells the specification.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median } from './measure.ts';
import { CASES, type CaseName, FILES, type Format } from './plots-cases.ts';

type Draw = () => Promise<{ bytes: number; text: string }>;

/** Loads nothing of ours before it is called. */
const ours = async (bundle: string, plot: CaseName, format: string): Promise<() => Promise<Draw>> => {
  const { embrapaTable } = await import('@granary/replica/embrapa/file');
  const { apiGatewayEvent } = await import('@granary/runtime/testing/api-gateway-event');
  const { makeMemoryCatalog } = await import('@granary/stores/memory-catalog');
  const { makeMemoryObjectStore } = await import('@granary/stores/memory-object-store');
  const { publishCsv } = await import('../services/api/src/testing/publish-csv.ts');
  const { dataset, query } = CASES[plot];
  const stores = { catalog: makeMemoryCatalog(), objects: makeMemoryObjectStore() };
  const { layout, rows } = embrapaTable(FILES[dataset], { seed: 'granary', vintage: 2023 });
  await publishCsv(stores, dataset, rows.map((cells) => `${cells.join(layout.delimiter)}\n`).join(''));
  const path = `/v1/plots/${dataset}?${query}${query && '&'}format=${format}`;
  return async () => {
    const handler = createRequire(bundle)(bundle).makeHandler(stores);
    return async () => {
      const { statusCode, body, isBase64Encoded } = await handler(apiGatewayEvent({ path }), {});
      if (statusCode !== 200) throw new Error(`${path} → ${statusCode}: ${body}`);
      return { bytes: Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8'), text: body };
    };
  };
};

const peer = async (specification: string, format: string): Promise<() => Promise<Draw>> => {
  const spec = JSON.parse(readFileSync(specification, 'utf8'));
  const { resolve } = createRequire(join(import.meta.dirname, '../services/api/package.json'));
  const load = (name: string) => import(pathToFileURL(resolve(name)).href);
  return async () => {
    const [vega, vegaLite] = [await load('vega'), await load('vega-lite')];
    const { Resvg } = format === 'png' ? (await load('@resvg/resvg-js')).default : { Resvg: undefined };
    const font = { loadSystemFonts: false, fontFiles: [resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')] };
    return async () => {
      const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
      const text = await view.toSVG();
      view.finalize();
      return { bytes: Resvg ? new Resvg(text, { font }).render().asPng().length : Buffer.byteLength(text), text };
    };
  };
};

const [kind, file, plot, format, rounds] = process.argv.slice(2) as [string, string, CaseName, Format | 'spec', string];
const isSpec = format === 'spec';
const load = kind === 'ours' ? await ours(file, plot, isSpec ? 'vega' : format) : await peer(file, format);
let begun = performance.now();
const draw = await load();
const { bytes, text } = await draw();
const first = performance.now() - begun;
const times: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  begun = performance.now();
  await draw();
  times.push(performance.now() - begun);
}
writeSync(3, isSpec ? text : JSON.stringify({ first, warm: median(times), bytes }));
