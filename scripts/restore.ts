/**
 * `npm run restore -- --since TIME`: has objects of the data bucket back that were deleted, from the versions that it
 * keeps (docs/runbook.md: api-errors).
 */
import { resolve } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { parse, refuseSwallowed, runCommand, UsageError } from '@granary/admin/arguments';
import { askAws } from '@granary/admin/aws-words';
import { clientSettings, findStage, type Stage, stackOutputs } from '@granary/admin/stage';
import { UserError } from '@granary/admin/user-error';
import { readResources, STATE_VARIABLE } from '@granary/local/state';
import { listBucketVersions, restore } from './restore/bucket-versions.ts';
import { planRestore } from './restore/plan-restore.ts';
import { readSince } from './restore/since.ts';

/** What versions are made of. What expires by itself stays deleted: users' pages, exports, lines of runs. */
const PREFIXES = ['versions/', 'csv_data/', 'tables/', 'raw/'];
const NEVER = ['raw/users/'];

const HELP = `Restores deleted objects of the data bucket from the versions that S3 keeps for 30 days.

  npm run restore -- --since TIME [--prefix PREFIX …] [--overwritten] [--yes]
                     [--stage STAGE [--region REGION] | --state DIR]

  --since TIME     restore what was deleted since 30m, 2h or 3d ago, or since a time such as 2026-11-30T18:00:00Z
  --prefix PREFIX  only keys with this prefix; may be repeated. Default: ${PREFIXES.join(', ')}; never ${NEVER.join(', ')}
  --overwritten    also restore overwritten objects, as they were at that time
  --yes            restore; without it, only show what would be restored
  --stage STAGE    a deployed stage, such as prod, or local (the default) for \`npm start\`
  --region REGION  default: GRANARY_REGION, AWS_REGION or AWS_DEFAULT_REGION, else us-east-1
  --state DIR      folder of the state of \`npm start\`; default: GRANARY_STATE, else .granary

Nothing is lost: it removes delete markers, and an object that it replaces stays as an older version. Run it again to continue after an
interruption. A deployed stage needs credentials with cloudformation:DescribeStacks, s3:GetBucketVersioning, ListBucketVersions and
DeleteObjectVersion; --overwritten also needs s3:GetObjectVersion and PutObject.`;

const bucketOf = async ({ name, region }: Stage): Promise<string> => {
  const bucket =
    name === 'local'
      ? readResources()?.stacks['granary-storage']?.DataBucket?.ref
      : (await stackOutputs('storage', name, region)).DataBucketName;
  if (!bucket) throw new UserError(`The stage ${name} tells no data bucket: did its start or deployment end well?`);
  return String(bucket);
};

const counted = (keys: readonly string[]): string[] =>
  [...Map.groupBy(keys, (key) => key.split('/').slice(0, 2).join('/'))].map(
    ([prefix, of]) => `  ${prefix}: ${of.length} ${of.length === 1 ? 'object' : 'objects'}, such as ${of[0]}`,
  );

const main = async (args: readonly string[]): Promise<void> => {
  refuseSwallowed(args, 'restore', process.env);
  const { values, positionals } = parse(args, {
    since: { type: 'string' },
    prefix: { type: 'string', multiple: true },
    overwritten: { type: 'boolean' },
    yes: { type: 'boolean' },
    stage: { type: 'string' },
    region: { type: 'string' },
    state: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return console.log(HELP);
  if (positionals.length > 0) throw new UsageError(`'${positionals[0]}' is no option.`);
  if (values.since === undefined) throw new UsageError('Since when? --since 2h, or --since 2026-11-30T18:00:00Z');
  const since = readSince(values.since, Date.now());
  if (values.state) process.env[STATE_VARIABLE] = resolve(values.state);
  const { stage: named, region, prefix: prefixes = PREFIXES, overwritten = false } = values;
  const stage = await findStage({
    ...(named !== undefined && { stage: named }),
    ...(region !== undefined && { region }),
  });
  const bucket = await bucketOf(stage);
  // Of a deployed stage the endpoint is Cognito's; where S3 is then, the SDK knows.
  const local = stage.name === 'local';
  const s3 = new S3Client(local ? { ...clientSettings(stage), forcePathStyle: true } : { region: stage.region });
  try {
    console.log(`Looking at ${bucket} for what was deleted since ${new Date(since).toISOString()} …`);
    const listed = await askAws(stage.region, () => listBucketVersions(s3, bucket, { prefixes, without: NEVER }));
    const steps = planRestore(listed, { since, overwritten });
    const of = (kind: string) => steps.filter((step) => step.kind === kind).map(({ key }) => key);
    const [deleted, older] = [of('undelete'), of('put-back')];
    console.log(`${deleted.length} of ${new Set(listed.map(({ key }) => key)).size} objects were deleted since then`);
    for (const line of counted(deleted)) console.log(line);
    if (overwritten) {
      console.log(`${older.length} were overwritten since then, and are put back as they were`);
      for (const line of counted(older)) console.log(line);
    }
    if (steps.length === 0) return console.log('There is nothing to restore.');
    if (!values.yes) return console.log('Nothing was done yet: add --yes to restore them.');
    await restore(s3, bucket, steps, (line) => console.log(line));
    console.log(`${steps.length} ${steps.length === 1 ? 'object was' : 'objects were'} restored.`);
  } finally {
    s3.destroy();
  }
};

await runCommand(() => main(process.argv.slice(2)), 'See --help.');
