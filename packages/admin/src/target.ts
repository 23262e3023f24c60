/**
 * Where a command of the deployed product acts: a stage in a region, as `--stage` and `--region` or the environment
 * say.
 */
export type Target = { stage: string; region: string };

const STAGE = /^[a-z][a-z0-9]{0,15}$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;
/** First that is set counts; the first is the project's own, the others are the AWS CLI's. */
const VARIABLES = ['GRANARY_REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'] as const;
const DEFAULT_REGION = 'us-east-1';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an Error whose message is for the user. */
export const targetOf = (options: { stage?: string; region?: string }, env: Environment): Target => {
  const { stage } = options;
  if (!stage || !STAGE.test(stage)) {
    throw new Error(
      `--stage takes a lower-case name of at most 16 letters and digits, such as dev or prod, not '${stage ?? ''}'.`,
    );
  }
  if (stage === 'local') {
    throw new Error("The stage 'local' is the embedded AWS of `npm start`; choose another name, such as dev.");
  }
  return { stage, region: regionOf(options.region, env) };
};

const regionOf = (option: string | undefined, env: Environment): string => {
  const variable = VARIABLES.find((name) => env[name]);
  const [from, region] =
    option !== undefined
      ? ['--region', option]
      : variable !== undefined
        ? [variable, env[variable] as string]
        : ['', DEFAULT_REGION];
  if (!REGION.test(region)) throw new Error(`${from} takes a region such as ${DEFAULT_REGION}, not '${region}'.`);
  return region;
};

/** What osls, its plugins and the AWS SDK in them read of it. */
export const environmentOf = ({ region }: Target, env: Environment): Environment => ({
  ...env,
  GRANARY_REGION: region,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
});
