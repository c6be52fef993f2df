import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3Access {
  readonly bucket: string;
  /** Null = Amazon's own, found by the region. */
  readonly endpoint: string | null;
  /** Null = as the environment of the AWS tools says. */
  readonly region: string | null;
  /** Null = the AWS default credential chain: environment, profile, web identity, instance role. */
  readonly credentials: {
    readonly access_key_id: string;
    readonly secret_access_key: string;
    readonly session_token: string | null;
  } | null;
  /** `host/bucket/key` in place of `bucket.host/key`. */
  readonly force_path_style: boolean;
}

export interface S3Connection {
  /** The SDK's commands: loaded with the connection, since importing them costs 37 MB and 0.1 s. */
  readonly sdk: typeof import('@aws-sdk/client-s3');
  /** For uploads and everything small. */
  readonly client: S3Client;
  /** For downloads: a client that reads slowly holds one of these, and so can never hold up an upload. */
  readonly reader: S3Client;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Until an answer begins: a part of an upload must go through a slow line in it. */
const ANSWER_TIMEOUT_MS = 120_000;
const IDLE_TIMEOUT_MS = 20_000;
/** A browser on a bad line may pause for long. */
const READ_IDLE_TIMEOUT_MS = 120_000;
const READ_ANSWER_TIMEOUT_MS = 20_000;
const SOCKETS_MAX = 64;
const READ_SOCKETS_MAX = 256;

export async function connectS3(access: S3Access): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    ...configOf(access),
    requestHandler: handlerOf(SOCKETS_MAX, ANSWER_TIMEOUT_MS, IDLE_TIMEOUT_MS),
  });
  const reader = new sdk.S3Client({
    ...configOf(access),
    credentials: client.config.credentials,
    requestHandler: handlerOf(READ_SOCKETS_MAX, READ_ANSWER_TIMEOUT_MS, READ_IDLE_TIMEOUT_MS),
  });
  return {
    sdk,
    client,
    reader,
    close() {
      client.destroy();
      reader.destroy();
    },
  };
}

function configOf({ endpoint, region, credentials, force_path_style }: S3Access): S3ClientConfig {
  return {
    // Where there is an endpoint, most servers take any region; R2 knows this one as another name of its own.
    ...(region === null ? (endpoint === null ? {} : { region: 'us-east-1' }) : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.access_key_id,
            secretAccessKey: credentials.secret_access_key,
            ...(credentials.session_token === null ? {} : { sessionToken: credentials.session_token }),
          },
        }),
    forcePathStyle: force_path_style,
    maxAttempts: 4,
    // Checksums in trailers, the SDK's default, are refused by many servers; our uploads are signed with their SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Waiting for "100 Continue" would take a new connection for every upload.
    expectContinueHeader: false,
    // It would write to the console; what goes wrong is thrown, and logged where it is caught.
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  };
}

function handlerOf(
  sockets_max: number,
  answer_ms: number,
  idle_ms: number,
): NonNullable<S3ClientConfig['requestHandler']> {
  const pool = { keepAlive: true, maxSockets: sockets_max, maxFreeSockets: 16, scheduling: 'lifo' as const };
  return {
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent(pool),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: answer_ms,
    throwOnRequestTimeout: true,
    socketTimeout: idle_ms,
    // Uploads queue on purpose; the SDK would print a warning.
    socketAcquisitionWarningTimeout: 10 * 60_000,
  };
}
