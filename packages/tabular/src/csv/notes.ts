/** Lines below or between the rows of a table that say something about it. */

const OPENING =
  /^\s*["'(]?\s*(fontes?|source|quelle|fuente|notas?|notes?|obs|observaç(ão|ões)|legenda|elabora(ção|do)|dados|data (from|source)|atualizad[oa]|última atualização|last updated|gerado|generated|exported|extraíd[oa]|copyright|©)\b.*(:|\bem\b|\bby\b|\bpor\b|\bde\b|\d)/i;
const MARKED = /^\s*(\*+|\(\*+\)|\(\d\)|[¹²³\u2020\u2021])\s*\S/;

/** Whether the only cell of a line is a note: it opens like one, or is a sentence in a column of figures (`typed`). */
export const isNote = (text: string, typed: boolean): boolean =>
  OPENING.test(text) ||
  (MARKED.test(text) && /\s/.test(text.trim())) ||
  (typed && text.trim().split(/\s+/).length >= 4);
