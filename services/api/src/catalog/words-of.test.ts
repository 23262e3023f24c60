import { expect, it } from '@jest/globals';
import { wordsOf } from './words-of.ts';

it.each([
  ['Produção de Uvas, 1970–2023', ['producao', 'de', 'uvas', '1970', '2023']],
  ['Straße ÉTÉ İzmir', ['straße', 'ete', 'izmir']],
  ['الإِنْتَاج الزراعي', ['انتاج', 'زراعي']],
  ['إنتاج', ['انتاج']],
  ['المياه ٢٠٢٢ / مدرسة', ['مياه', '2022', 'مدرسه']],
  ['الى', ['الي']],
  ['ＣＳＶ ﬁle', ['csv', 'file']],
  ['  --- ', []],
])('%j has the words %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
