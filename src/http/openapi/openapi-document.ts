/** The OpenAPI document, made from the routes. Pure: the same routes give the same text. */
import { z } from 'zod';
import type { JsonObject } from '../../contracts/json.ts';
import { type ErrorCode, errorTable } from '../../core/errors.ts';
import { batchSchema } from '../present/batch.ts';
import { fileSchema } from '../present/file.ts';
import { generationSchema } from '../present/generation.ts';
import type { DocumentedAnswer, DocumentedContent, Route } from '../route.ts';
import { errorSchema, namedSchemas } from './schemas.ts';

export interface OpenApiOptions {
  readonly version: string;
  /** Base URL of this server; the committed document has the default one. */
  readonly serverUrl: string;
}

/** Presenters are built upon the common shapes, so that these come last. */
const named: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  ...namedSchemas,
  [generationSchema, 'Generation'],
  [batchSchema, 'Batch'],
  [fileSchema, 'File'],
]);

const DESCRIPTION = `One API for every image model. Point any OpenAI client at \`/v1\` (or \`/openai/v1\`) and send a model id.

Keys: \`sk-test-…\` draws everything with the built-in sketch engine, without spending; \`sk-live-…\` calls providers.
Errors have one envelope and one table; \`x-should-retry\`, \`Retry-After\` and \`retry-after-ms\` say whether to repeat.`;

const TAGS = [
  { name: 'Images', description: 'Make and edit pictures.' },
  { name: 'Generations', description: 'What was made, or is being made: start, wait, watch, cancel, delete.' },
  { name: 'Files', description: 'Batches and their results, and pictures to refer to.' },
  { name: 'Batches', description: 'Many requests in one file.' },
  {
    name: 'Webhooks',
    description: 'Tell your server what happened. Needs an admin key, or one with the scope `manage`.',
  },
  { name: 'History', description: 'What was asked for, what it cost, and how long it is kept.' },
  { name: 'Models', description: 'The catalogue.' },
  { name: 'Media', description: 'Hosted pictures.' },
  {
    name: 'Keys',
    description: 'Make, limit, rotate and revoke API keys. Needs an admin key, or one with the scope `manage`.',
  },
  { name: 'Account', description: 'Balance and payments.' },
  { name: 'Admin', description: 'The operator: accounts, money, backup. Needs an admin key.' },
  { name: 'System', description: 'Health, metrics and documents.' },
];

export function openApiDocument(routes: readonly Route[], { version, serverUrl }: OpenApiOptions): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll('*}', '}');
    const methods = paths[path] ?? {};
    methods[route.method.toLowerCase()] = operation(route);
    paths[path] = methods;
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Gesso',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }],
    tags: TAGS,
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A key: `sk-live-…` or `sk-test-…`.' },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'api-key',
          description: 'The same key, as Azure clients send it.',
        },
      },
      schemas: Object.fromEntries([...named].map(([schema, name]) => [name, jsonSchema(schema)])),
    },
  };
  return plain(document);
}

function operation({ access, document, query }: Route): Record<string, unknown> {
  return {
    tags: [document.tag],
    operationId: document.operation,
    summary: document.summary,
    description: document.description,
    ...(access === 'open' ? { security: [] } : {}),
    parameters: [
      ...pathParameters(document.params ?? {}),
      ...queryParameters(query),
      ...headerParameters(document.headers ?? {}),
    ],
    ...(document.body === undefined ? {} : { requestBody: { required: true, content: contents(document.body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(document.answers).map(([status, answer]) => [status, response(answer)])),
      ...errorResponses([...document.errors, ...(access === 'open' ? openErrors : keyErrors)]),
    },
  };
}

const openErrors: readonly ErrorCode[] = ['rate_limited'];
const keyErrors: readonly ErrorCode[] = [
  'invalid_api_key',
  'scope_exceeded',
  'rate_limited',
  'shutting_down',
  'internal_error',
];

function pathParameters(params: NonNullable<Route['document']['params']>): unknown[] {
  return Object.entries(params).map(([name, { description, example }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
    example,
  }));
}

function headerParameters(headers: NonNullable<Route['document']['headers']>): unknown[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodType | undefined): unknown[] {
  if (query === undefined) return [];
  const schema = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    ...(typeof property === 'object' && property.description ? { description: property.description } : {}),
    schema: property,
  }));
}

function response({ description, content, headers }: DocumentedAnswer): Record<string, unknown> {
  const described = Object.entries(headers ?? {}).map(([name, text]) => [
    name,
    { description: text, schema: { type: 'string' } },
  ]);
  return {
    description,
    ...(described.length === 0 ? {} : { headers: Object.fromEntries(described) }),
    ...(content === undefined ? {} : { content: contents(content) }),
  };
}

function contents(content: Readonly<Record<string, DocumentedContent>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples }]) => [
      type,
      {
        schema: reference(schema),
        ...(examples === undefined
          ? {}
          : {
              examples: Object.fromEntries(
                Object.entries(examples).map(([name, value]) => [name.replaceAll(' ', '_'), { summary: name, value }]),
              ),
            }),
      },
    ]),
  );
}

/** One answer per status, which names the codes that it may carry. */
function errorResponses(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy([...new Set(codes)], (code) => errorTable[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${errorTable[code].title}`).join('\n\n'),
        content: { 'application/json': { schema: reference(errorSchema) } },
      },
    ]),
  );
}

function reference(schema: z.ZodType): unknown {
  const name = named.get(schema);
  return name === undefined ? jsonSchema(schema) : { $ref: `#/components/schemas/${name}` };
}

function jsonSchema(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** Drops what JSON has no word for (undefined), so that the type is true. */
function plain(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
