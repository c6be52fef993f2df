/** Switches of servers that are known, read from their sources and documentation. What the operator writes comes before. */
import type { Wire } from './wire-schema.ts';

export const presetNames = ['localai', 'vllm-omni', 'sglang'] as const;

const diffusers = {
  seed: 'seed',
  negative_prompt: 'negative_prompt',
  steps: 'num_inference_steps',
  guidance_scale: 'guidance_scale',
} as const;

export const wirePresets: Readonly<Record<(typeof presetNames)[number], Wire>> = {
  /**
   * github.com/mudler/LocalAI (core/http/endpoints/openai/image.go), read 2026-11-20. Its links name the host that it
   * believes to be, so that base64 is asked for. All pictures of an `n` have one seed and would be alike, so that each is
   * a call. A data URL as reference is passed over without a word.
   */
  localai: {
    fields: { seed: 'seed', steps: 'step' },
    negative_after: '|',
    edit: { path: '/images/generations', encoding: 'json_base64', field: 'ref_images', form: 'array' },
  },
  /** github.com/vllm-project/vllm-omni, read 2026-09-18: "url" is refused. */
  'vllm-omni': {
    fields: { ...diffusers, user: 'user' },
    n_max: 10,
    edit: {
      path: '/images/edits',
      encoding: 'multipart',
      field: 'image',
      form: 'array',
      mask: { field: 'mask_image', form: 'white' },
    },
  },
  /** github.com/sgl-project/sglang (multimodal_gen/runtime/entrypoints/openai/image_api.py), read 2026-11-20: the schema's default is "url", for which most set-ups have no storage. */
  sglang: {
    fields: {
      ...diffusers,
      quality: 'quality',
      background: 'background',
      output_format: 'output_format',
      output_compression: 'output_compression',
    },
    n_max: 10,
    output_formats: ['png', 'jpeg', 'webp'],
    edit: { path: '/images/edits', encoding: 'multipart', field: 'image', form: 'array' },
  },
};
