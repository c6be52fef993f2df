/** What a provider counts by key: one offer that was locked out keeps the others of its provider from asking. */
import { expect, it } from 'vitest';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, testKeys } from '../support/test-app.ts';
import { startStabilityServer } from './servers/stability-server.ts';

it('a lock-out of the key holds for every offer of the provider, and says when to come back', async () => {
  const stability = await startStabilityServer();
  const test = await startTestApp({ STABILITY_API_KEY: stability.key, STABILITY_BASE_URL: stability.base_url });
  const post = async (path: string, fields: object) => {
    const response = await fetch(`${test.url}/v1/images/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'stable-diffusion-3.5-large', prompt: 'a cat', ...fields }),
    });
    await response.text();
    return { status: response.status, retry_after_s: Number(response.headers.get('retry-after')) };
  };
  const picture = `data:image/png;base64,${(await makeFile('png', makePixels(128, 128))).toString('base64')}`;

  stability.act('rate_limited');
  expect(await post('generations', {})).toMatchObject({ status: 503 });
  expect(stability.requests).toHaveLength(1);

  const edit = await post('edits', { image: picture });
  expect(edit.status).toBe(503);
  expect(edit.retry_after_s).toBeGreaterThan(30);
  expect(edit.retry_after_s).toBeLessThanOrEqual(60);
  expect(stability.requests).toHaveLength(1);
  await test.close();
  await stability.close();
});
