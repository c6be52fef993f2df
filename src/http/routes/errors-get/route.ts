import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorTable, GessoError } from '../../../core/errors.ts';
import { htmlPage } from '../../html-page.ts';
import { defineRoute } from '../../route.ts';
import { markdownToHtml } from './markdown-to-html.ts';

export const errorsGet = defineRoute({
  method: 'GET',
  path: '/errors/{code}',
  access: 'open',
  document: {
    tag: 'System',
    operation: 'getErrorPage',
    summary: 'What an error means',
    description: 'The page that `doc_url` of an error leads to.',
    params: { code: { description: 'As in `error.code`.', example: 'model_not_found' } },
    answers: { 200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } } },
    errors: ['not_found'],
  },
  async handle({ req, reply }) {
    const { code } = req.params as { code: string }; // The path has this one parameter.
    if (!Object.hasOwn(errorTable, code)) {
      throw new GessoError('not_found', `No error has the code "${code.slice(0, 100)}".`);
    }
    const page = await readFile(new URL(`${code}.md`, PAGES), 'utf8');
    const body = `${markdownToHtml(page)}\n<p><a href="/docs/">API reference</a></p>`;
    return reply.type('text/html; charset=utf-8').send(htmlPage(code, body));
  },
});

/** Written by hand, one for each row of the table: a test holds them to it. */
const PAGES = new URL('../../../../docs/errors/', import.meta.url);
