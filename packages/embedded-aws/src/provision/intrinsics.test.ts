import { describe, expect, it } from '@jest/globals';
import { resolveIntrinsics, type StackScope } from './intrinsics.ts';

const scope: StackScope = {
  account: '000000000000',
  region: 'us-east-1',
  stack: 'granary-x-local',
  async resource(logicalId) {
    if (logicalId !== 'Queue') throw new Error(`There is no resource ${logicalId}.`);
    return { ref: 'http://q', attributes: { Arn: 'arn:q', 'Endpoint.Address': 'host' } };
  },
  async imported(name) {
    return `imported ${name}`;
  },
};
const resolve = (value: unknown) => resolveIntrinsics(value, scope);

describe('resolveIntrinsics', () => {
  it('resolves references, attributes and imports wherever they stand', async () => {
    const value = {
      plain: 'text',
      number: 3,
      list: [{ Ref: 'Queue' }, { Ref: 'AWS::Region' }],
      attribute: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      dotted: { 'Fn::GetAtt': 'Queue.Endpoint.Address' },
      imported: { 'Fn::ImportValue': { 'Fn::Sub': 'granary-${AWS::AccountId}' } },
    };
    expect(await resolve(value)).toEqual({
      plain: 'text',
      number: 3,
      list: ['http://q', 'us-east-1'],
      attribute: 'arn:q',
      dotted: 'host',
      imported: 'imported granary-000000000000',
    });
  });

  it('substitutes pseudo parameters, references, attributes, own variables, and leaves what is escaped', async () => {
    const text = '${AWS::AccountId} ${Queue} ${Queue.Arn} ${Own} ${!Literal}';
    expect(await resolve({ 'Fn::Sub': [text, { Own: { Ref: 'AWS::Region' } }] })).toBe(
      '000000000000 http://q arn:q us-east-1 ${Literal}',
    );
    expect(await resolve({ 'Fn::Join': ['-', ['a', { Ref: 'Queue' }]] })).toBe('a-http://q');
    expect(await resolve({ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] })).toBe('b');
  });

  it('names what it cannot resolve', async () => {
    await expect(resolve({ Ref: 'Nothing' })).rejects.toThrow('Nothing');
    await expect(resolve({ 'Fn::GetAtt': ['Queue', 'Colour'] })).rejects.toThrow('Colour');
    await expect(resolve({ 'Fn::Cidr': [] })).rejects.toThrow('Fn::Cidr');
  });
});
