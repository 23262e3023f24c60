import { WIDE_MISSING_MARKERS } from '@granary/tabular/numbers';

/** Markers of values that are not available: those known everywhere, and those declared; undefined for none. */
export const markersOf = (declared: readonly string[] | undefined): ReadonlySet<string> | undefined =>
  declared && new Set([...WIDE_MISSING_MARKERS, ...declared.map((marker) => marker.toLowerCase())]);
