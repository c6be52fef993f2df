import { answerImages } from '../../answer-images.ts';
import { documentedCallHeaders } from '../../call-headers.ts';
import { editBody, editForm } from '../../openapi/request-schemas.ts';
import { defineRoute } from '../../route.ts';
import { imagesAnswers, imagesErrors, imagesQuery } from '../images-documents.ts';

export const imagesEdit = defineRoute({
  method: 'POST',
  path: '/v1/images/edits',
  access: 'generate',
  query: imagesQuery,
  document: {
    tag: 'Images',
    operation: 'createImageEdit',
    summary: 'Edit pictures',
    description:
      'One picture or several, changed or combined as the prompt says; with a mask only where it is transparent. As a form (what OpenAI clients send) or as JSON.',
    headers: documentedCallHeaders,
    body: {
      'multipart/form-data': { schema: editForm },
      'application/json': {
        schema: editBody,
        examples: {
          'a picture by its URL': {
            model: 'seedream-4',
            prompt: 'make it night',
            images: [{ image_url: 'https://example.com/harbour.png' }],
          },
          'two references': {
            model: 'seedream-4',
            prompt: 'put the boat from the first picture into the second',
            image: ['https://example.com/boat.png', 'https://example.com/bay.jpg'],
          },
        },
      },
    },
    answers: imagesAnswers('image_edit'),
    errors: [...imagesErrors, 'invalid_image_url', 'invalid_multipart'],
  },
  handle: (context) => answerImages(context, 'edits'),
});
