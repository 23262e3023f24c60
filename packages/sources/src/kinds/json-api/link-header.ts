/** The target of `rel="next"` in a header `Link` (RFC 8288), as an absolute address; null where there is none. */
export const nextOfLink = (header: string | null, url: string): string | null => {
  for (const [, target, parameters] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters ?? '');
    const relations = (relation?.[1] ?? relation?.[2] ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next') && URL.canParse(target!, url)) return new URL(target!, url).href;
  }
  return null;
};
