import { fontFile, loadResvg } from './renderer-files.ts';
import { FONT } from './themes.ts';

/** A PNG of an SVG, `scale` pixels a unit, with the font that is shipped and no other. */
export const drawPng = (svg: string, scale: number): Uint8Array => {
  const Resvg = loadResvg();
  const [family] = FONT.split(',');
  const drawn = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false, fontFiles: [fontFile()], defaultFontFamily: family, sansSerifFamily: family },
    logLevel: 'off',
  }).render();
  return drawn.asPng();
};
