import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { JsonObject } from '../contracts/json.ts';
import type { Scope } from '../contracts/keys.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { WorkInHand } from './work-in-hand.ts';

export interface RouteContext<Query> {
  readonly req: FastifyRequest;
  readonly reply: FastifyReply;
  readonly query: Query;
  readonly deps: HttpDependencies;
  readonly work: WorkInHand;
  /** This server's OpenAPI document. */
  readonly openapi: () => JsonObject;
}

/** One content type of a body: its schema, and whole examples by name. */
export interface DocumentedContent {
  readonly schema: z.ZodType;
  readonly examples?: Readonly<Record<string, unknown>>;
}

export interface DocumentedAnswer {
  readonly description: string;
  /** By content type. */
  readonly content?: Readonly<Record<string, DocumentedContent>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything that the OpenAPI document says about a route, beside its method, path and query. */
export interface RouteDocument {
  readonly tag: string;
  /** The name of the operation in generated clients. */
  readonly operation: string;
  readonly summary: string;
  readonly description: string;
  /** Names of path parameters, with a description and an example. */
  readonly params?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  /** Names of headers that a caller may send, with a description. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, DocumentedContent>>;
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  readonly errors: readonly ErrorCode[];
}

/**
 * A route as data: the server, the OpenAPI document and the tests read the same row. In paths `{name}` is one segment and
 * `{name*}` is all that follows, slashes included.
 */
export interface Route<Query = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Who may call: anyone, any valid key, or a key with this scope. */
  readonly access: 'open' | 'key' | Scope;
  /** Unknown names in the query are left alone (Azure-style clients send `api-version`). */
  readonly query?: z.ZodType<Query>;
  readonly document: RouteDocument;
  readonly handle: (context: RouteContext<Query>) => Promise<unknown>;
}

/** Keeps a route's query and handler in step, and forgets the type of its query: the server hands in what `query` parsed. */
export function defineRoute<Query>(route: Route<Query>): Route {
  return route as unknown as Route; // `handle` only ever gets the output of this route's own `query`.
}
