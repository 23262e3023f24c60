/**
 * The data of the conversion benchmarks: rows of 12 mixed columns with quotes, accents and nulls, the same from the
 * same seed.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OUT = fileURLToPath(new URL('./out/', import.meta.url));

/** Mulberry32: small, fast, and the same everywhere. */
const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const CATEGORIES = ['vinho de mesa', 'vinho fino', 'suco integral', 'espumante', 'derivados', 'uva de mesa'];
const COUNTRIES = [
  'África do Sul',
  'Alemanha',
  'Argentina',
  'Brasil',
  'Chile',
  'Espanha',
  'Estados Unidos',
  'França',
  'Itália',
  'Países Baixos',
  'Portugal',
  'Uruguai',
];
const PRODUCTS = Array.from({ length: 400 }, (_, index) =>
  index % 9 === 0 ? `"Tinto, lote ${index}"` : `Cabernet Sauvignon ${index}`,
);
const STATIONS = Array.from({ length: 2000 }, (_, index) => `EST-${String(index).padStart(5, '0')}`);
const WORDS = [
  'colheita',
  'tardia',
  'safra',
  'região',
  'serra',
  'gaúcha',
  'amostra',
  'repetida',
  'verificação',
  'pendente',
  'temperatura',
  'umidade',
];

export const HEADER = 'id,obs_date,station,category,country,product,quantity,price,lat,is_export,note,updated_at';

const line = (id: number, next: () => number): string => {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const day = new Date(Date.UTC(1990, 0, 1) + Math.floor(next() * 12_000) * 86_400_000).toISOString().slice(0, 10);
  const time = new Date(Date.UTC(2020, 0, 1) + Math.floor(next() * 1.6e11)).toISOString();
  const words = Math.floor(next() * 2.4);
  const text = Array.from({ length: words }, () => pick(WORDS)).join(' ');
  const note = words === 0 ? '' : words === 2 ? `"${text}, disse ""${pick(WORDS)}"""` : text;
  const quantity = Math.floor(next() * 9_000_000);
  const price = (next() * 900).toFixed(2);
  const latitude = (next() * -33).toFixed(6);
  return `${id},${day},${pick(STATIONS)},${pick(CATEGORIES)},${pick(COUNTRIES)},${pick(PRODUCTS)},${quantity},${price},${latitude},${next() < 0.3},${note},${time}\n`;
};

/** Path of the file with that many rows, made when it is not there yet. 1,000,000 rows are about 130 MB. */
export const dataFile = (rows: number): string => {
  const path = `${OUT}convert-${rows}.csv`;
  if (existsSync(path) && statSync(path).size > 0) return path;
  mkdirSync(OUT, { recursive: true });
  const next = random(20_240_601);
  const file = openSync(`${path}.part`, 'w');
  let text = `${HEADER}\n`;
  for (let id = 1; id <= rows; id++) {
    text += line(id, next);
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = '';
    }
  }
  writeSync(file, text);
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
};
