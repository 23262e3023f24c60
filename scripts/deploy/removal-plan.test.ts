import { expect, it } from '@jest/globals';
import { isData, planLines } from './removal-plan.ts';

const plan = {
  going: [{ stack: 'granary-api-dev', resources: 272, protected: false }],
  staying: [
    { type: 'AWS::S3::Bucket', name: 'the-bucket', protected: false },
    { type: 'AWS::DynamoDB::Table', name: 'the-table', protected: true },
    { type: 'AWS::Cognito::UserPoolGroup', name: 'readers', protected: false },
    { type: 'AWS::KMS::Key', name: 'the-key', protected: false },
    { type: 'AWS::IAM::Role', name: 'the-role', protected: false },
  ],
};
const lineOf = (lines: string[], name: string) => lines.find((line) => line.includes(name))!;

it('A removal says what goes, what stays, and why', () => {
  const lines = planLines(plan, false);
  expect(lines).toContain('  granary-api-dev: 272 resources');
  expect(lines).toContain('Stays, and is taken over by the next deployment:');
  expect(lineOf(lines, 'the-bucket')).toMatch(/the bucket the-bucket: .*every version/);
  expect(lineOf(lines, 'the-table')).toMatch(/\(protected against deletion\)/);
  expect(lineOf(lines, 'the-key')).toMatch(/is lost/);
  expect(lines.join('\n')).not.toMatch(/DELETED/);
});

it('With --delete-data it says of each what becomes of it, and leaves what is no data', () => {
  const lines = planLines(plan, true);
  expect(lineOf(lines, 'the-bucket')).toMatch(/DELETED, for good/);
  expect(lineOf(lines, 'readers')).toMatch(/deleted with the user pool/);
  expect(lineOf(lines, 'the-key')).toMatch(/scheduled, 30 days/);
  expect(lineOf(lines, 'the-role')).not.toMatch(/delete/i);
  expect(plan.staying.filter(({ type }) => !isData(type)).map(({ name }) => name)).toEqual(['the-role']);
});

it('A removal of what is not there says so', () => {
  expect(planLines({ going: [], staying: [] }, false)).toEqual(['No stack is there.', 'Nothing else is left.']);
});
