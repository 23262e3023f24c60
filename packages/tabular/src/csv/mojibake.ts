/** UTF-8 that somebody decoded as windows-1252 and encoded again (`ProduÃ§Ã£o`), put right. */
import { toWindows1252 } from './windows-1252.ts';

const utf8Sequence = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g;
const nonAsciiRun = /[\u0080-\uffff]+/g;

const repairRun = (run: string): string => {
  const bytes = toWindows1252(run);
  if (bytes === null || bytes.replace(utf8Sequence, '') !== '') return run;
  const repaired = Buffer.from(bytes, 'latin1').toString('utf8');
  return repaired.includes('\ufffd') ? run : repaired;
};

/** Puts `ProduÃ§Ã£o` right. Runs of text that were not encoded twice are left as they are. */
export const repairMojibake = (text: string): string => text.replace(nonAsciiRun, repairRun);

/** Whether nearly all of a text that is not ASCII was encoded twice. */
export const isMojibake = (text: string): boolean => {
  let nonAscii = 0;
  let twice = 0;
  for (const [run] of text.matchAll(nonAsciiRun)) {
    nonAscii += run.length;
    if (repairRun(run) !== run) twice += run.length;
  }
  return twice > 0 && twice >= nonAscii * 0.9;
};
