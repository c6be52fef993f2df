import { expect, test } from 'vitest';
import { readCatalog } from '../../catalog/read-catalog.ts';
import { parameters } from '../params/parameters.ts';
import { compileParameterSchema } from './compile-parameter-schema.ts';

const catalog = await readCatalog();
const seedream = catalog.models.get('bytedance/seedream-4.0');
if (seedream === undefined) throw new Error('no Seedream');
const schema = compileParameterSchema(seedream);

const behaviours = (name: string) =>
  Object.fromEntries((schema.properties[name]?.offers ?? []).map(({ offer, behaviour }) => [offer, behaviour]));

test('every canonical parameter is there, and what the offers declare', () => {
  const names = Object.keys(schema.properties);
  expect(names).toEqual(expect.arrayContaining(parameters.map(({ name }) => name)));
  expect(names).toEqual(
    expect.arrayContaining([
      'watermark',
      'enhance_prompt',
      'enhance_prompt_mode',
      'enable_safety_checker',
      'sync_mode',
      'sequential_image_generation',
      'max_images',
    ]),
  );
  expect(schema.required).toEqual(['model', 'prompt']);
});

test('what each offer makes of it', () => {
  expect(behaviours('seed')).toEqual({
    'byteplus/seedream-4': 'passthrough',
    'fal/seedream-4': 'passthrough',
    'fal/seedream-4-edit': 'passthrough',
    'replicate/seedream-4': 'ignored',
  });
  expect(behaviours('n')).toMatchObject({ 'byteplus/seedream-4': 'emulated', 'fal/seedream-4': 'renamed' });
  expect(behaviours('size')).toMatchObject({ 'byteplus/seedream-4': 'passthrough', 'fal/seedream-4': 'converted' });
  expect(behaviours('resolution')).toMatchObject({
    'byteplus/seedream-4': 'converted',
    'replicate/seedream-4': 'renamed',
  });
  expect(behaviours('aspect_ratio')).toMatchObject({ 'replicate/seedream-4': 'passthrough' });
  expect(behaviours('enhance_prompt')).toMatchObject({
    'fal/seedream-4': 'converted',
    'replicate/seedream-4': 'passthrough',
  });
  expect(behaviours('max_images')).toMatchObject({ 'byteplus/seedream-4': 'renamed', 'fal/seedream-4': 'passthrough' });
  expect(behaviours('response_format')).toMatchObject({ 'replicate/seedream-4': 'emulated' });
});

test('bounds, values and defaults', () => {
  expect(schema.properties.n).toMatchObject({ type: 'integer', minimum: 1, maximum: 10, default: 1 });
  expect(schema.properties.resolution).toMatchObject({ default: '2K' });
  expect(schema.properties.enhance_prompt_mode).toMatchObject({ type: 'string', enum: ['standard', 'fast'] });
  expect(schema.properties.watermark).toMatchObject({ type: 'boolean', default: false });
  expect(schema.properties.max_images).toMatchObject({ minimum: 1, maximum: 15 });
});

test('the sizes of each tier', () => {
  const oneK = schema.sizes['fal/seedream-4']
    ?.filter(({ tier }) => tier === '1K')
    .map(({ ratio, width, height }) => `${ratio} ${width}x${height}`);
  expect(oneK).toEqual([
    '1:1 1024x1024',
    '4:3 1183x887',
    '3:4 887x1182',
    '3:2 1254x836',
    '2:3 836x1254',
    '16:9 1365x768',
    '9:16 768x1365',
    '21:9 1563x670',
  ]);
});
