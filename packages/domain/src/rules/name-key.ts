/** Letters that Unicode does not take apart, as alphabets of Latin letters file them. */
const FILED_AS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  // Lower case depends on what follows, and a beginning does not know.
  ς: 'σ',
};

/**
 * Not a list of those letters: one regular expression that is not ASCII makes a whole bundle be kept, and read, at two
 * bytes a character.
 */
const BEYOND_ASCII = /[\u0080-\uffff]/g;

/** DynamoDB takes 1,024 bytes in a sort key; an id needs up to 17 of them. */
const LONGEST_NAME_BYTES = 1000;

/** The partitions of the alphabetical list, in its order. */
export const NAME_INITIALS: readonly string[] = [...'#ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Accents stripped, lower case, no space at the start: `Óbidos` is `obidos`. */
const filed = (text: string): string => {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(BEYOND_ASCII, (letter) => FILED_AS[letter] ?? letter)
    .trimStart();
  return cut(plain, LONGEST_NAME_BYTES);
};

const cut = (text: string, bytes: number): string => {
  if (Buffer.byteLength(text) <= bytes) return text;
  // A character that is cut in the middle is replaced by the decoder; nothing of it stays.
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\ufffd+$/, '');
};

const initialOf = (plain: string): string => (/^[a-z]/.test(plain) ? plain[0]!.toUpperCase() : '#');

/**
 * Where a user stands in the alphabetical list: `name_initial` is A to Z, or # for what begins with none of these;
 * `name_key` sorts within it, at most 1,024 bytes of UTF-8 (docs/contracts: DynamoDB).
 */
export const nameKey = (last_name: string, id: number): { name_initial: string; name_key: string } => {
  const plain = filed(last_name);
  return { name_initial: initialOf(plain), name_key: `${plain}#${id}` };
};

/** Where all the names stand that begin so, whatever case and accents; an empty prefix is that of every name. */
export const namePrefix = (text: string): { name_initial: string; prefix: string } => {
  const prefix = filed(text);
  return { name_initial: initialOf(prefix), prefix };
};
