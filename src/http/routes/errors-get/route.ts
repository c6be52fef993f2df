import { z } from 'zod';
import { type ErrorCode, type ErrorRow, errorTable, GessoError } from '../../../core/errors.ts';
import { escapeHtml, htmlPage } from '../../html-page.ts';
import { defineRoute } from '../../route.ts';

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
    const row: ErrorRow = errorTable[code as ErrorCode]; // The line above has looked.
    return reply.type('text/html; charset=utf-8').send(htmlPage(code, body(code, row)));
  },
});

function body(code: string, row: ErrorRow): string {
  const retry =
    row.should_retry === false
      ? 'Do not repeat it as it is: the answer carries <code>x-should-retry: false</code>.'
      : 'Whether to repeat it follows from the status, as SDKs do.';
  return `<h1><code>${escapeHtml(code)}</code></h1>
<p>${escapeHtml(row.title)}</p>
<p>HTTP ${row.status}, type <code>${escapeHtml(row.type)}</code>. ${retry}</p>
<p>The <code>message</code> of the error says what to do in your case. <a href="/docs/">API reference</a></p>`;
}
