import { NotCollected } from './errors.ts';
import { type Source, urlVariable } from './source.ts';

/** In the place of an address: the source is not collected. */
const NONE = 'none';

type Named = Pick<Source, 'id' | 'base_url'>;

export type SourceUrls = {
  /** Those that are collected. */
  collected<S extends Named>(sources: readonly S[]): readonly S[];
  /** What the operator put in the place of a source's address, if anything. */
  replaced(source: Named): string | undefined;
  /** Where a source is read. Throws NotCollected when it is not collected. */
  baseUrl(source: Named): string;
};

/** Reads the variable SOURCE_URLS: a JSON object of addresses by source. */
export const readSourceUrls = (json: string): SourceUrls => {
  const urls: Readonly<Record<string, string | undefined>> = JSON.parse(json);
  const replaced = ({ id }: Named): string | undefined => {
    const value = urls[id];
    if (value === undefined || value === NONE) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    // Addresses are published with the datasets and stand in errors: a password in one would be everybody's.
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
      throw new Error(
        `The environment variable ${urlVariable(id)} must be an http or https address without user and password, or '${NONE}'.`,
      );
    }
    return value;
  };
  return {
    collected: (sources) => sources.filter(({ id }) => urls[id] !== NONE),
    replaced,
    baseUrl(source) {
      if (urls[source.id] !== NONE) return replaced(source) ?? source.base_url;
      throw new NotCollected(`'${source.id}' is not collected here: ${urlVariable(source.id)} is '${NONE}'.`);
    },
  };
};
