import { describe, expect, it } from '@jest/globals';
import { routeOf } from './router.ts';

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20261120/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

describe('routeOf', () => {
  it('goes by the credential scope of the signature', () => {
    expect(routeOf({ url: '/', headers: { ...signed('sqs'), 'x-amz-target': 'AmazonSQS.SendMessage' } })).toMatchObject(
      {
        service: 'sqs',
        operation: 'SendMessage',
        protocol: 'json',
      },
    );
  });

  it('goes by the credential scope of a presigned URL', () => {
    const url = '/bucket/key?X-Amz-Credential=local%2F20261120%2Fus-east-1%2Fs3%2Faws4_request&x-id=GetObject';
    expect(routeOf({ url, headers: {} })).toEqual({
      service: 's3',
      operation: 'GetObject',
      protocol: 's3-xml',
      signed: true,
    });
  });

  it("goes by X-Amz-Target where nothing is signed, as Cognito's InitiateAuth", () => {
    const headers = { 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' };
    expect(routeOf({ url: '/', headers })).toMatchObject({
      service: 'cognito-idp',
      operation: 'InitiateAuth',
      signed: false,
    });
  });

  it('knows KMS and CloudWatch Logs by scope and by target', () => {
    for (const [service, prefix] of [
      ['kms', 'TrentService'],
      ['logs', 'Logs_20140328'],
    ] as const) {
      const target = { 'x-amz-target': `${prefix}.Do` };
      const expected = { service, operation: 'Do', protocol: 'json' };
      expect(routeOf({ url: '/', headers: { ...signed(service), ...target } })).toMatchObject(expected);
      expect(routeOf({ url: '/', headers: target })).toMatchObject(expected);
    }
  });

  it('leaves the rest to S3, which refuses what is unsigned', () => {
    expect(routeOf({ url: '/bucket/key', headers: {} })).toMatchObject({ service: 's3', signed: false });
    expect(routeOf({ url: '/', headers: { authorization: 'Credential=nonsense' } })).toMatchObject({ signed: false });
  });
});
