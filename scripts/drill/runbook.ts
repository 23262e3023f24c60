/**
 * The commands of a block of an entry: ```` ```sh mend ```` below `## <alarm>`. Throws an Error that names what is not
 * there.
 */
export const commandsOf = (runbook: string, alarm: string, block: string): string => {
  const entry = runbook.split(/^## /m).find((one) => one.startsWith(`${alarm}\n`));
  if (!entry) throw new Error(`docs/runbook.md has no entry ${alarm}.`);
  const found = new RegExp(`^( *)\`\`\`sh ${block}\\n([\\s\\S]*?)^ *\`\`\``, 'm').exec(entry);
  if (!found) throw new Error(`The entry ${alarm} of docs/runbook.md has no commands '${block}'.`);
  const [, indent = '', commands = ''] = found;
  return commands.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim();
};
