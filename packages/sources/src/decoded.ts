/** Part of an address as people read it; as it stands where its escapes are none. */
export const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};
