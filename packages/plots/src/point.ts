/** What is drawn: a figure `y` (null: not known) at a place `x`, of the series `s` (null without series). */
export type Point = { x: string | number; y: number | null; s: string | null };
