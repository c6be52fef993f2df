import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { generationSchema, presentGeneration } from '../../present/generation.ts';
import { queryTime } from '../../query-time.ts';
import { defineRoute } from '../../route.ts';

const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 20;

const id = (what: string) => z.string().min(1).max(200).optional().describe(what);

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('1 to 100.'),
  after: id('The id of a generation: the page has what is older.'),
  status: z
    .enum(['queued', 'running', 'completed', 'failed', 'canceled'])
    .optional()
    .describe('Only what is in this state.'),
  model: id('An id, or an alias of one.'),
  tag: id('What `x-gesso-tag` said.'),
  created_after: queryTime('From then on: Unix seconds or ISO 8601.'),
  created_before: queryTime('Up to then, without that moment: Unix seconds or ISO 8601.'),
});

const listSchema = z.object({
  object: z.literal('list'),
  data: z.array(generationSchema),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

export const generationsList = defineRoute({
  method: 'GET',
  path: '/v1/generations',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'Generations',
    operation: 'listGenerations',
    summary: 'List generations',
    description:
      'Newest first, synchronous calls included. A page goes on after the generation that it names, so that nothing is shown twice or left out, whatever came since.',
    answers: { 200: { description: 'A page.', content: { 'application/json': { schema: listSchema } } } },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, reply, deps, query }) {
    const { limit, after, status, model, tag, created_after, created_before } = query;
    const { generations, has_more } = await deps.services.listGenerations(requirePrincipal(req), {
      limit,
      summary: false,
      ...(after !== undefined && { starting_after: after }),
      ...(status !== undefined && { status }),
      ...(model !== undefined && { model }),
      ...(tag !== undefined && { tag }),
      ...(created_after !== undefined && { created_after }),
      ...(created_before !== undefined && { created_before }),
    });
    const data = generations.map((view) => presentGeneration(view, deps.publicUrl()));
    const ends = { first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null };
    return reply.header('cache-control', 'no-store').send({ object: 'list', data, ...ends, has_more });
  },
});
