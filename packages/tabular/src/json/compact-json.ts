/** Well-formed JSON without the white space between its values. */
export const compactJson = (json: string): string => {
  if (!/\s/.test(json)) return json;
  let written = '';
  let from = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (inText) {
      if (code === 92) at++;
      else if (code === 34) inText = false;
    } else if (code === 34) inText = true;
    else if (code <= 32) {
      written += json.slice(from, at);
      from = at + 1;
    }
  }
  return written + json.slice(from);
};
