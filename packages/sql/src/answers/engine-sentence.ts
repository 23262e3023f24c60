const MOST_CHARACTERS = 1000;

/**
 * What the engine says of a query, without what is the operator's: addresses in S3, ARNs, paths, ids of requests, and
 * the advice to write to Amazon with them.
 */
export const engineSentence = (message: string): string => {
  const plain = message
    .slice(0, 10_000)
    // Whoever asks is authorised to whole tables, never to some of their columns.
    .replace(/ or requester is not authorized to access requested resources/, '')
    .replace(/\s*This query ran against the [\s\S]*$/, '')
    .replace(/[\s(,;]*\b(?:Service|Status Code|Error Code|(?:S3 )?(?:Extended )?Request ID|Proxy):[^;)\n]*/gi, '')
    .replace(/\bs3[an]?:\/\/[^\s'",;)]+/gi, '…')
    .replace(/\barn:[\w-]+:[^\s'",;)]+/gi, '…')
    .replace(/\bgranary-\d+-[\w-]+/g, '…')
    .replace(/(^|[\s'"`(=:])\/[\w.@=-]+(?:\/[\w.@=-]+)+\/?/g, '$1…')
    .replace(/\b(?:request|query|execution) ?id:?\s*[\w-]{8,}/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (plain === '') return 'The query cannot be answered.';
  return plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)}…` : plain;
};
