import { expect, it } from 'vitest';
import { chooseResponseFormat } from './response-format.ts';

const none = { requested: undefined, model: 'seedream-4', settings: {}, user_agent: 'OpenAI/JS 7.55.0' };

const table: ReadonlyArray<readonly [Partial<Parameters<typeof chooseResponseFormat>[0]>, string]> = [
  [{}, 'url'],
  [{ user_agent: undefined }, 'url'],
  [{ requested: 'b64_json' }, 'b64_json'],
  [{ requested: 'url', model: 'gpt-image-1' }, 'url'],
  [{ model: 'gpt-image-1' }, 'b64_json'],
  [{ model: 'gpt-image-2', settings: { response_format: 'url' } }, 'b64_json'],
  [{ model: 'chatgpt-image-latest' }, 'b64_json'],
  [{ model: 'dall-e-3' }, 'url'],
  [{ settings: { response_format: 'both' } }, 'both'],
  [{ settings: { response_format: 'b64_json' }, requested: 'url' }, 'url'],
  [{ user_agent: 'ai/7.0.173 ai-sdk-provider-utils/5.0.81 node.js/22' }, 'both'],
  [{ user_agent: 'ai/7.0.173 ai-sdk-provider-utils/5.0.81', requested: 'url' }, 'url'],
  [{ user_agent: 'LibreChat/0.8' }, 'both'],
  [{ user_agent: 'Mozilla/5.0 openai/1' }, 'url'],
];
it.each(table)('%j -> %s', (change, expected) => {
  expect(chooseResponseFormat({ ...none, ...change })).toBe(expected);
});
