const masked = (text: string) => `${text[0] ?? ''}***`;

/** `m***@e***.org` for maria@example.org: enough to tell apart whom one knows. */
export const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@');
  if (at < 0) return masked(email);
  const [host, ending] = [email.slice(at + 1), email.slice(email.lastIndexOf('.'))];
  return `${masked(email.slice(0, at))}@${masked(host)}${email.lastIndexOf('.') > at ? ending : ''}`;
};
