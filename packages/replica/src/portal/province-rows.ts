/** What the made-up region of the portal counts: a row for each province and year, always the same for a key. */
import { randomOf } from '../prng.ts';

/** French and Arabic. */
const PROVINCES = [
  ['Aïn Zerga', 'عين الزرقاء'],
  ['Bir Lahcen', 'بئر الحسن'],
  ['Dar Oulad', 'دار الأولاد'],
  ['El Mersa', 'المرسى'],
  ['Hammam Sidi', 'حمام سيدي'],
  ["Ksar d'Argent", 'قصر الفضة'],
  ['Oued Clair', 'الوادي الصافي'],
  ['Ras Tamda', 'رأس تمدة'],
  ['Souk Larbi', 'سوق الأربعاء'],
  ['Tizi Nour', 'تيزي نور'],
  ['Zaouia', 'الزاوية'],
  ['Île aux Cormorans', 'جزيرة الغاق'],
] as const;

export const HEADER = ['code', 'province', 'province_ar', 'annee', 'effectif', 'montant', 'releve_le'] as const;
/** In the order of {@link HEADER}: `'01'`, `'Aïn Zerga'`, `'عين الزرقاء'`, `2021`, `1234`, `1234.5`, `'2021-06-13'`. */
export type ProvinceRow = readonly [string, string, string, number, number, number, string];

/** Twelve rows for each of three years and one more for each revision: 48 at first. */
export const rowsOf = (key: string, revision: number, provinces: number = PROVINCES.length): readonly ProvinceRow[] =>
  Array.from({ length: 3 + revision }, (_, at) =>
    PROVINCES.slice(0, provinces).map(([french, arabic], n): ProvinceRow => {
      const random = randomOf('portal', key, at, n);
      const year = 2021 + at;
      return [
        ...([String(n + 1).padStart(2, '0'), french, arabic, year, random.integer(40, 99_000)] as const),
        random.integer(100_001, 99_999_999) / 100,
        `${year}-0${random.integer(1, 9)}-${random.integer(13, 28)}`,
      ];
    }),
  ).flat();
