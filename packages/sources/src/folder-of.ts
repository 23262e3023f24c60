/** An address that others can be relative to, as those in a folder: it ends in a slash. */
export const folderOf = (base_url: string): string => (base_url.endsWith('/') ? base_url : `${base_url}/`);
