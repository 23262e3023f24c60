/** The peer of goal 12: the two clients that nearly every function needs, and nothing of ours. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';

export const handler = async () => [
  new S3Client({}),
  DynamoDBDocumentClient.from(new DynamoDBClient({})),
  GetObjectCommand,
  PutObjectCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
];
