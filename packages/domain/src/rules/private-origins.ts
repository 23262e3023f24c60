/**
 * Origins that sources may have though their addresses are private, as the operator of a stage wrote them: separated by
 * commas, `*` for any port (`http://127.0.0.1:*`). Throws for what is no origin.
 */
export const readPrivateOrigins = (text: string): ((origin: string) => boolean) => {
  const origins = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const exact = new Set<string>();
  const anyPort = new Set<string>();
  for (const one of origins) {
    const [whole, start = '', port] = /^(https?:\/\/(?:\[[0-9a-f:.]+\]|[^/:@?#*\s]+))(?::(\d+|\*))?$/i.exec(one) ?? [];
    if (whole === undefined || !URL.canParse(start))
      throw new Error(
        `PRIVATE_ORIGINS must be origins such as http://10.0.0.5:8080 or http://127.0.0.1:*, not '${one}'.`,
      );
    if (port === '*') anyPort.add(withoutPort(new URL(start)));
    else exact.add(new URL(one).origin);
  }
  return (origin) => exact.has(origin) || anyPort.has(withoutPort(new URL(origin)));
};

const withoutPort = ({ protocol, hostname }: URL): string => `${protocol}//${hostname}`;
