import { createRequire } from 'node:module';
import { DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from '@jest/globals';
import { makeClients } from './clients.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

it('A table takes requests once it is provisioned, however long it is being created', async () => {
  const dynalite = createRequire(import.meta.url)('dynalite')({ createTableMs: 1500 });
  await new Promise<void>((resolve) => dynalite.listen(0, '127.0.0.1', resolve));
  const clients = makeClients(`http://127.0.0.1:${dynalite.address().port}`, 'us-east-1');
  const properties = {
    TableName: 'slow',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };
  const make = () =>
    RESOURCE_TYPES['AWS::DynamoDB::Table']!(properties as never, {
      clients,
      account: '000000000000',
      region: 'us-east-1',
    });
  // The second finds it while it is being created, as after a start that was killed.
  const first = make();
  const isCreated = () => clients.dynamodb.send(new DescribeTableCommand({ TableName: 'slow' })).catch(() => undefined);
  while ((await isCreated())?.Table === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all([first, make()]);
  const input = { TableName: 'slow', Key: { pk: { S: 'a' } } };
  expect((await clients.dynamodb.send(new GetItemCommand(input))).Item).toBeUndefined();
  await new Promise((resolve) => dynalite.close(resolve));
});
