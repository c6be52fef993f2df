import { z } from 'zod';
import type { RequestListing } from '../../../contracts/requests.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { presentRequest, presentSummary, requestListSchema } from '../../present/request.ts';
import { queryTime } from '../../query-time.ts';
import { defineRoute } from '../../route.ts';

const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 20;

const id = (what: string) => z.string().min(1).max(200).optional().describe(what);

const querySchema = z
  .object({
    limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('1 to 100.'),
    starting_after: id('The id of a request: the page has what is older.'),
    ending_before: id('The id of a request: the page has what is newer.'),
    status: z
      .enum(['queued', 'running', 'completed', 'failed', 'canceled'])
      .optional()
      .describe('Only what is in this state.'),
    model: id('An id, or an alias of one.'),
    key_id: id('The id of a key.'),
    tag: id('What `x-gesso-tag` said.'),
    mode: z.enum(['live', 'test']).optional().describe('A key sees its own mode only; one that administers sees both.'),
    created_after: queryTime('From then on: Unix seconds or ISO 8601.'),
    created_before: queryTime('Up to then, without that moment: Unix seconds or ISO 8601.'),
    summary: z
      .enum(['true', 'false'])
      .default('false')
      .describe('Adds how many there are on all pages, and what they cost.'),
  })
  .refine(({ starting_after, ending_before }) => starting_after === undefined || ending_before === undefined, {
    path: ['ending_before'],
    message: 'cannot stand beside starting_after: send one of them',
  });

export const requestsList = defineRoute({
  method: 'GET',
  path: '/v1/requests',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'History',
    operation: 'listRequests',
    summary: 'List requests',
    description:
      'Newest first. A page goes on after the request that it names, so that nothing is shown twice or left out, whatever came since. Rows stay for accounting when their payloads are gone.',
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: requestListSchema } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, reply, deps, query }) {
    const { summary, created_after, created_before, limit, ...named } = query;
    const listing = await deps.services.listRequests(requirePrincipal(req), {
      ...defined(named),
      ...(created_after && { created_after }),
      ...(created_before && { created_before }),
      limit,
      summary: summary === 'true',
    });
    const publicUrl = deps.publicUrl();
    const data = listing.requests.map((view) => presentRequest(view, publicUrl));
    const page = { object: 'list', data, ...links(listing, `${publicUrl}${req.url}`) };
    return reply
      .header('cache-control', 'no-store')
      .send(listing.summary === null ? page : { ...page, summary: presentSummary(listing.summary) });
  },
});

/** The same query, going on after the last row or before the first. */
function links({ requests, has_older, has_newer }: RequestListing, url: string) {
  const first_id = requests.at(0)?.id ?? null;
  const last_id = requests.at(-1)?.id ?? null;
  const link = (name: 'starting_after' | 'ending_before', from: string | null): string | null => {
    if (from === null) return null;
    const next = new URL(url);
    next.searchParams.delete('starting_after');
    next.searchParams.delete('ending_before');
    next.searchParams.set(name, from);
    return next.href;
  };
  return {
    has_more: has_older,
    first_id,
    last_id,
    next_page_url: has_older ? link('starting_after', last_id) : null,
    previous_page_url: has_newer ? link('ending_before', first_id) : null,
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  // What is left has no undefined in it.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
