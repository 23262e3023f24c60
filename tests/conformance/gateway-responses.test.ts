import { describe, expect, it } from '@jest/globals';
import { packageService } from './packaged.ts';

describe('what API Gateway answers by itself', () => {
  type GatewayResponse = {
    ResponseType: string;
    StatusCode?: string;
    ResponseParameters: Record<string, string>;
    ResponseTemplates: Record<string, string>;
  };
  const responses = async (): Promise<GatewayResponse[]> => {
    const { template } = await packageService('api', 'dev');
    return Object.values(template.Resources)
      .filter((resource) => resource.Type === 'AWS::ApiGateway::GatewayResponse')
      .map((resource) => resource.Properties as unknown as GatewayResponse);
  };

  it('is problem+json that any origin may read, and names a status only where there is one', async () => {
    const found = await responses();
    const names = found.map(({ ResponseType }) => ResponseType);
    expect(names).toEqual(expect.arrayContaining(['UNAUTHORIZED', 'THROTTLED', 'DEFAULT_4XX', 'DEFAULT_5XX']));
    for (const { StatusCode, ResponseParameters, ResponseTemplates } of found) {
      const problem = JSON.parse(ResponseTemplates['application/json']);
      expect(problem.status).toBe(StatusCode === undefined ? undefined : Number(StatusCode));
      expect(problem).toMatchObject({
        type: expect.stringMatching(/^urn:granary:problem:/),
        title: expect.any(String),
      });
      // R8: what clients of PostgREST read of an error.
      const code = expect.stringMatching(/^(PGRST301|[a-z-]+)$/);
      expect(problem).toMatchObject({ code, message: problem.detail, details: null, hint: null });
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      });
    }
  }, 540_000);

  it('challenges whoever is not signed in (RFC 9110, 15.5.2)', async () => {
    const refusals = (await responses()).filter(({ StatusCode }) => StatusCode === '401');
    expect(refusals).toHaveLength(2);
    for (const { ResponseParameters } of refusals)
      expect(ResponseParameters['gatewayresponse.header.WWW-Authenticate']).toBe("'Bearer'");
  }, 540_000);
});
