import type { MeasureText } from './font-widths.ts';

/** Lines that are at most `room` wide, in units of the font size; broken between words only. */
export const wrapText = (text: string, room: number, measure: MeasureText): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && measure(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
};
