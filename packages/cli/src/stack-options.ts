/** Which stack a command speaks to. */
export type StackOptions = { url?: string; stage?: string; region?: string };

export const STACK_OPTIONS = {
  url: { type: 'string' },
  stage: { type: 'string' },
  region: { type: 'string' },
} as const;

export const STACK_HELP = `  --url URL        the address of the API; default: the stack that \`npm start\` runs on this machine
  --stage STAGE    a deployed stage instead, such as dev (--region REGION as for \`npm run deploy\`)
                   On this machine the demo user \`operator\` signs in. Elsewhere GRANARY_TOKEN has your token:
                   export GRANARY_TOKEN=$(npm run -s token -- NAME --stage STAGE)`;
