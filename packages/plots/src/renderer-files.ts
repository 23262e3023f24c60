/**
 * Where the font and the renderer of PNGs lie. In a bundle this file is another one, which finds both beside the
 * function (config/esbuild-plugins.cjs): keep their exports alike.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export type Resvg = typeof import('@resvg/resvg-js').Resvg;

/**
 * Path of DejaVu Sans, the one font that plots are drawn with: what the machine has installed would differ from place
 * to place.
 */
export const fontFile = (): string => require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');

export const loadResvg = (): Resvg => require('@resvg/resvg-js').Resvg;
