/**
 * All that draws. It is bundled into a file of its own beside the function's (config/esbuild-plugins.cjs), so that a
 * container which only answers 304 reads none of Vega: import it by `import()`, and throw no error here that others
 * tell by its class.
 */
export { drawPng } from './draw-png.ts';
export { drawSvg, measureText } from './draw-svg.ts';
