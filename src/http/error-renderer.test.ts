import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable, GessoError } from '../core/errors.ts';
import { renderError } from './error-renderer.ts';
import { toGessoError } from './to-gesso-error.ts';

const url = 'http://gesso.test';

describe('renderError', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])('renders %s as its row says', (code) => {
    const rendered = renderError(new GessoError(code, 'What to do.', { param: 'size' }), url);
    expect(rendered.status).toBe(errorTable[code].status);
    expect(rendered.body.error).toMatchObject({
      type: errorTable[code].type,
      code,
      param: 'size',
      doc_url: `${url}/errors/${code}`,
    });
  });

  it('tells nothing of the inside', () => {
    const leak = new Error('connect ECONNREFUSED postgres://gesso:hunter2@db/gesso');
    const rendered = renderError(toGessoError(leak), url);
    expect(rendered.status).toBe(500);
    expect(JSON.stringify(rendered)).not.toContain('hunter2');
    const ours = renderError(new GessoError('internal_error', 'the row of table wallet is gone'), url);
    expect(JSON.stringify(ours)).not.toContain('wallet');
  });

  const waits: ReadonlyArray<readonly [number, Record<string, string>]> = [
    [200, { 'retry-after': '1', 'retry-after-ms': '200' }],
    [1_001, { 'retry-after': '2', 'retry-after-ms': '1001' }],
    [59_999, { 'retry-after': '60', 'retry-after-ms': '59999' }],
    [60_000, { 'retry-after': '60', 'x-should-retry': 'false' }],
    [300_000, { 'retry-after': '300', 'x-should-retry': 'false' }],
  ];
  it.each(waits)('states a wait of %i ms so that every SDK understands it', (retry_after_ms, headers) => {
    expect(renderError(new GessoError('rate_limited', undefined, { retry_after_ms }), url).headers).toEqual(headers);
  });

  it('names the generation that goes on, and forbids repeating it', () => {
    const rendered = renderError(new GessoError('deadline_exceeded', undefined, { generation_id: 'gen_1' }), url);
    expect(rendered.headers).toEqual({ 'x-should-retry': 'false', 'x-gesso-generation-id': 'gen_1' });
    expect(rendered.body.error.generation_id).toBe('gen_1');
  });

  it('lists every fault when there are several', () => {
    const details = [
      { param: 'n', message: 'n is 0.' },
      { param: 'size', message: 'size is 0x0.' },
    ];
    expect(
      renderError(new GessoError('invalid_value', 'n is 0. size is 0x0.', { details }), url).body.error.details,
    ).toEqual(details);
  });
});
