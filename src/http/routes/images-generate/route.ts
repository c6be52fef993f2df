import { answerImages } from '../../answer-images.ts';
import { documentedCallHeaders } from '../../call-headers.ts';
import { generationBody } from '../../openapi/request-schemas.ts';
import { defineRoute } from '../../route.ts';
import { imagesAnswers, imagesErrors, imagesQuery } from '../images-documents.ts';

export const imagesGenerate = defineRoute({
  method: 'POST',
  path: '/v1/images/generations',
  access: 'generate',
  query: imagesQuery,
  document: {
    tag: 'Images',
    operation: 'createImage',
    summary: 'Make pictures',
    description:
      'OpenAI-compatible, answered when the pictures are there. With `stream: true` the answer is a stream of server-sent events. A body that brings pictures (`image`, `images`, `mask`) is an edit.',
    headers: documentedCallHeaders,
    body: {
      'application/json': {
        schema: generationBody,
        examples: {
          'a picture': { model: 'seedream-4', prompt: 'a lighthouse at dusk, oil on canvas' },
          'four wide ones, as WebP': {
            model: 'seedream-4',
            prompt: 'a paper boat on a rainy street',
            n: 4,
            size: '16:9',
            resolution: '2K',
            output_format: 'webp',
          },
          'without a provider': { model: 'gesso/sketch', prompt: 'snow over a village at night', seed: 7 },
        },
      },
    },
    answers: imagesAnswers('image_generation'),
    errors: imagesErrors,
  },
  handle: (context) => answerImages(context, 'generations'),
});
