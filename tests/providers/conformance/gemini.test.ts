import { startGeminiServer } from '../servers/gemini-server.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';

const pathOf = (model: string) => `/v1beta/models/${model}:generateContent`;
const contents = (...parts: readonly ({ text: string } | ReturnType<typeof inline>)[]) => [{ role: 'user', parts }];
const text = { text: 'a cat' };
const inline = (index: number, mimeType = 'image/png') => ({ inlineData: { mimeType, data: { $base64: index } } });
const config = (imageConfig: { aspectRatio: string; imageSize?: string }, rest = {}) => ({
  responseModalities: ['IMAGE'],
  imageConfig,
  ...rest,
});
const square = { aspectRatio: '1:1', imageSize: '1K' };

const gemini: AdapterCase = {
  startServer: startGeminiServer,
  text: 'gemini/nano-banana-pro',
  edit: 'gemini/nano-banana-pro',
  several: null,
  unfinished: null,
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: { contents: contents(text), generationConfig: config(square) },
          headers: { 'x-goog-api-key': 'AIza-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'an edit: bare base64 with its type, the reference keeps its shape',
      references: 1,
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: {
            contents: contents(text, inline(0)),
            generationConfig: config({ aspectRatio: '5:4', imageSize: '1K' }),
          },
        },
      ],
    },
    {
      name: 'several references, each of its type, no mask',
      references: 3,
      masked: true,
      raw: { size: '1:1' },
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: {
            contents: contents(text, inline(0), inline(1, 'image/jpeg'), inline(2)),
            generationConfig: config(square),
          },
        },
      ],
    },
    {
      name: 'n is that many calls, each with its seed',
      raw: { n: 3, seed: 2_147_483_646 },
      calls: [2_147_483_646, 2_147_483_647, 0].map((seed) => ({
        path: pathOf('gemini-3-pro-image'),
        body: { contents: contents(text), generationConfig: config(square, { seed }) },
      })),
    },
    {
      name: 'a size is made from the nearest shape and tier',
      raw: { size: '1920x1080' },
      calls: [
        {
          path: pathOf('gemini-3-pro-image'),
          body: { contents: contents(text), generationConfig: config({ aspectRatio: '16:9', imageSize: '2K' }) },
        },
      ],
      sizes: [[1920, 1080]],
    },
    {
      name: 'a model of one scale is told none',
      pin: 'gemini/nano-banana',
      raw: { resolution: '4K', aspect_ratio: '3:2' },
      calls: [
        {
          path: pathOf('gemini-2.5-flash-image'),
          body: { contents: contents(text), generationConfig: config({ aspectRatio: '3:2' }) },
        },
      ],
      sizes: [[1248, 832]],
    },
    {
      name: 'thinking, long shapes, what is to be avoided in the prompt',
      pin: 'gemini/nano-banana-2.1',
      raw: { thinking_level: 'high', aspect_ratio: '7:1', negative_prompt: 'dogs', user: 'u1' },
      calls: [
        {
          path: pathOf('gemini-nano-banana-2.1'),
          body: {
            contents: contents({ text: 'a cat\n\nAvoid: dogs' }),
            generationConfig: config(
              { aspectRatio: '8:1', imageSize: '1K' },
              { thinkingConfig: { thinkingLevel: 'high' } },
            ),
          },
        },
      ],
    },
  ],
};

describeAdapter('gemini', gemini, await behavioursOf(startGeminiServer));
