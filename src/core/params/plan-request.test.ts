/** Plans against the catalogue that ships: what each of Seedream's sellers would be sent, and what the caller is told. */
import { describe, expect, test } from 'vitest';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { Plan, ReferenceFacts } from '../../contracts/generation.ts';
import { parseRequest } from './parse-request.ts';
import { planRequest } from './plan-request.ts';
import { offersThatCan } from './requirements.ts';

const catalog = await readCatalog();
const picture = (width: number, height: number): ReferenceFacts => ({
  width,
  height,
  bytes: 1000,
  content_type: 'image/png',
});

interface Asked {
  readonly references?: readonly ReferenceFacts[];
  readonly mask?: ReferenceFacts;
}

function outcome(pin: string, raw: Record<string, unknown>, { references = [], mask }: Asked = {}) {
  const resolved = catalog.resolve(pin);
  const offer = resolved?.offer ?? resolved?.model.offers[0];
  if (!resolved || offer === undefined) throw new Error(`no ${pin}`);
  const kind = references.length > 0 ? 'edit' : 'text_to_image';
  const known_offer_params = catalog.offer_params;
  const parsed = parseRequest(
    { model: pin, prompt: 'a cat', ...raw },
    { kind, encoding: 'json', mode: 'test', known_offer_params },
  );
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return planRequest({ request: parsed.request, model: resolved.model, offer, references, mask: mask ?? null });
}

function plan(pin: string, raw: Record<string, unknown>, asked: Asked = {}): Plan {
  const made = outcome(pin, raw, asked);
  if ('fault' in made) throw new Error(JSON.stringify(made.fault));
  return made.plan;
}

function told(made: Plan, param: string) {
  const rows = made.applied.filter((row) => row.param === param);
  expect(rows).toHaveLength(1);
  return rows[0];
}

const ark = 'byteplus/seedream-4';
const fal = 'fal/seedream-4';
const falEdit = 'fal/seedream-4-edit';
const replicate = 'replicate/seedream-4';

describe('whole bodies', () => {
  test('Ark: pixels in one field, the watermark off, the model named', () => {
    expect(plan(ark, { size: '16:9', resolution: '1K', seed: 7 }).body).toEqual({
      model: 'seedream-4-0-250828',
      prompt: 'a cat',
      size: '1365x768',
      seed: 7,
      watermark: false,
      response_format: 'url',
    });
  });

  test('fal: pixels in two fields, its own count', () => {
    expect(plan(fal, { size: '1920x1080', n: 3, seed: 7 }).body).toEqual({
      prompt: 'a cat',
      image_size: { width: 1920, height: 1080 },
      num_images: 3,
      seed: 7,
    });
  });

  test('Replicate: tier and ratio, inside its input', () => {
    expect(plan(replicate, { aspect_ratio: '3:2', resolution: '4K' }).body).toEqual({
      input: { prompt: 'a cat', size: '4K', aspect_ratio: '3:2' },
    });
    expect(plan(replicate, { size: '1920x1080' }).body).toEqual({
      input: { prompt: 'a cat', size: 'custom', width: 1920, height: 1080 },
    });
  });

  test('references: one by itself or a list at Ark, always a list elsewhere', () => {
    const one = { references: [picture(1024, 768)] };
    const two = {
      references: [picture(1024, 768), picture(5, 5)].map((each) => ({ ...each, width: 900, height: 900 })),
    };
    expect(plan(ark, {}, one).body).toMatchObject({ image: { $image: 0 } });
    expect(plan(ark, {}, two).body).toMatchObject({ image: [{ $image: 0 }, { $image: 1 }] });
    expect(plan(falEdit, {}, one).body).toMatchObject({ image_urls: [{ $image: 0 }] });
    expect(plan(replicate, {}, two).body).toMatchObject({ input: { image_input: [{ $image: 0 }, { $image: 1 }] } });
    expect(plan('bfl/flux-2-pro', {}, two).body).toMatchObject({
      input_image: { $image: 0 },
      input_image_2: { $image: 1 },
    });
  });

  test('references in a wrapping of their own: their type beside their bytes, or a word for what they are', () => {
    const two = { references: [picture(900, 900), picture(900, 900)] };
    const part = (index: number) => ({ inlineData: { mimeType: { $image_type: index }, data: { $image: index } } });
    expect(plan('gemini/nano-banana-pro', { size: '1:1', seed: 7 }, two).body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'a cat' }, part(0), part(1)] }],
      generationConfig: {
        responseModalities: ['IMAGE'],
        imageConfig: { aspectRatio: '1:1', imageSize: '1K' },
        seed: 7,
      },
    });
    expect(plan('xai/grok-imagine-image-edit', {}, two).body).toMatchObject({
      images: [
        { type: 'image_url', url: { $image: 0 } },
        { type: 'image_url', url: { $image: 1 } },
      ],
    });
  });
});

describe('exact sizes', () => {
  test.each([
    [ark, '1024x1024', 'passthrough'],
    [ark, '4096x4096', 'passthrough'],
    [fal, '1183x887', 'converted'],
    [replicate, '4096x1024', 'converted'],
    ['gesso/sketch', '64x64', 'converted'],
  ])('%s makes %s as it is', (pin, size, behaviour) => {
    const made = plan(pin, { size });
    expect(`${made.upstream_size.width}x${made.upstream_size.height}`).toBe(size);
    expect(made).toMatchObject({ reduce_to: null, upstream_size_exact: true, dishonoured: 0 });
    expect(told(made, 'size')).toMatchObject({ behaviour, from: size });
  });

  test('a smaller one is made at the nearest larger of its shape, and reduced', () => {
    const made = plan(ark, { size: '640x360' });
    expect(made.reduce_to).toEqual({ width: 640, height: 360 });
    expect(made.upstream_size).toEqual({ width: 1280, height: 720 });
    expect(told(made, 'size')).toMatchObject({ behaviour: 'emulated', from: '640x360', to: '1280x720' });
    expect(plan(replicate, { size: '1183x887' })).toMatchObject({
      reduce_to: { width: 1183, height: 887 },
      upstream_size: { width: 1365, height: 1024 },
    });
  });

  test('among rows of one tier that cover it, the one of its own shape', () => {
    const made = plan('xai/grok-imagine-image', { size: '2048x1024' });
    expect(made.body).toMatchObject({ resolution: '2k', aspect_ratio: '2:1' });
    expect(told(made, 'size')?.note).not.toContain('cut');
  });

  test('a table of tiers is reduced too, and stands behind who makes the pixels surely', () => {
    const made = plan('gemini/nano-banana-pro', { size: '1280x720' });
    expect(made).toMatchObject({
      reduce_to: { width: 1280, height: 720 },
      upstream_size: { width: 1376, height: 768 },
    });
    expect(made.dishonoured).toBe(1);
  });

  test('one that only another offer makes is nearest here, and told', () => {
    const made = plan(replicate, { size: '8192x2048' });
    expect(made.upstream_size).toEqual({ width: 4096, height: 1024 });
    expect(made).toMatchObject({ reduce_to: null, dishonoured: 1 });
    expect(told(made, 'size')).toMatchObject({ behaviour: 'converted' });
  });

  test.each([
    ['9999x9999', '4096x4096'],
    ['1x99999', '240x3840'],
  ])('%s is made by nobody: 400 names %s', (size, nearest) => {
    for (const pin of [ark, fal, replicate]) {
      const made = outcome(pin, { size });
      expect('fault' in made && made.fault).toMatchObject({
        code: 'unsupported_size',
        param: 'size',
        fix: expect.stringMatching(/^Send "\d+x\d+"\.$/),
      });
      if ('fault' in made)
        expect(plan(pin, { size: /"(.*)"/.exec(made.fault.fix ?? '')?.[1] }).dishonoured).toBeLessThan(2);
    }
    const made = outcome(ark, { size });
    expect('fault' in made && made.fault.message).toContain(`the nearest that works is ${nearest}`);
  });

  test('a format that cannot hold the picture is told before anyone draws it', () => {
    const strip = { aspect_ratio: '16:1', resolution: '4K' };
    expect(plan(ark, { ...strip, output_format: 'avif' }).upstream_size).toEqual({ width: 16_384, height: 1024 });
    expect(outcome(ark, { ...strip, output_format: 'webp' })).toMatchObject({
      fault: { code: 'invalid_value', param: 'output_format', fix: expect.stringContaining('avif') },
    });
  });

  test('width and height, with custom or alone', () => {
    for (const raw of [
      { size: 'custom', width: 1200, height: 900 },
      { width: 1200, height: 900 },
    ]) {
      const made = plan(ark, raw);
      expect(made.body.size).toBe('1200x900');
      expect(told(made, 'width')).toMatchObject({ behaviour: 'converted', to: '1200x900' });
    }
    expect(told(plan(replicate, { size: 'custom', width: 1200, height: 1100 }), 'size')).toMatchObject({
      behaviour: 'passthrough',
    });
    expect(told(plan(replicate, { size: 'custom', width: 1200, height: 1100 }), 'height')).toMatchObject({
      behaviour: 'passthrough',
    });
  });
});

describe('shape and scale', () => {
  test.each([
    [{ size: '16:9', resolution: '1K' }, 1365, 768],
    [{ aspect_ratio: '21:9', resolution: '1K' }, 1563, 670],
    [{ aspect_ratio: '3:4', resolution: '1' }, 887, 1182],
    [{ size: '1K' }, 1024, 1024],
    [{ resolution: '0.25' }, 1024, 1024],
    [{ resolution: '3.5K' }, 4096, 4096],
    [{ aspect_ratio: '4:3', resolution: '4K' }, 4729, 3547],
    [{}, 2048, 2048],
  ])('%j', (raw, width, height) => {
    for (const pin of [ark, fal]) expect(plan(pin, raw).upstream_size).toEqual({ width, height });
  });

  test('0.25 megapixel becomes the nearest tier, and is told', () => {
    const made = plan(ark, { resolution: '0.25' });
    expect(told(made, 'resolution')).toMatchObject({ behaviour: 'converted', note: expect.stringContaining('1K') });
    expect(made.dishonoured).toBe(1);
    expect(plan('gesso/sketch', { resolution: '0.25' }).upstream_size).toEqual({ width: 512, height: 512 });
  });

  test('7:1 on an offer with 4:1 and 8:1 becomes 8:1', () => {
    const made = plan('gemini/nano-banana-2.1', { aspect_ratio: '7:1' });
    expect(told(made, 'aspect_ratio')).toMatchObject({
      behaviour: 'converted',
      from: '7:1',
      to: '8:1',
      note: expect.stringContaining('8:1'),
    });
    expect(made.dishonoured).toBe(1);
  });

  test('a ratio beyond the rules becomes the nearest that they allow', () => {
    const made = plan(ark, { aspect_ratio: '40:1', resolution: '1K' });
    expect(made.upstream_size).toEqual({ width: 4096, height: 256 });
    expect(told(made, 'aspect_ratio')?.note).toContain('16:1');
  });

  test('a listed ratio goes to the table, any other to free pixels', () => {
    expect(plan(replicate, { aspect_ratio: '7:5', resolution: '2K' }).body).toEqual({
      input: { prompt: 'a cat', size: 'custom', width: 2423, height: 1731 },
    });
    expect(plan(replicate, { aspect_ratio: '16:9', resolution: '2K' })).toMatchObject({
      upstream_size_exact: false,
      dishonoured: 0,
    });
  });

  test('what size says makes the others unused, and that is told', () => {
    const made = plan(ark, { size: '1024x1024', aspect_ratio: '16:9', resolution: '4K' });
    expect(told(made, 'aspect_ratio')).toMatchObject({ behaviour: 'ignored', to: null });
    expect(told(made, 'resolution')).toMatchObject({ behaviour: 'ignored', to: null });
    expect(made.dishonoured).toBe(0);
  });

  test('auto is the provider word where it has one', () => {
    expect(plan(ark, { size: 'auto' })).toMatchObject({ body: { size: '2K' }, upstream_size_exact: false });
    expect(plan(fal, { size: 'auto' }).body).toMatchObject({ image_size: 'auto_2K' });
    expect(plan(fal, { aspect_ratio: 'auto', resolution: '4K' }).body).toMatchObject({ image_size: 'auto_4K' });
    expect(plan(replicate, { size: 'auto' }).body).toMatchObject({ input: { size: '2K', aspect_ratio: '1:1' } });
    const references = [picture(1500, 1000)];
    expect(plan(replicate, { size: 'auto' }, { references }).body).toMatchObject({
      input: { aspect_ratio: 'match_input_image' },
    });
    expect(plan('gesso/sketch', { size: 'auto' }).upstream_size).toEqual({ width: 1024, height: 1024 });
  });

  test('with references and no shape, the first one gives it', () => {
    const references = [picture(1500, 1000), picture(1000, 1000)];
    expect(plan(ark, { resolution: '1K' }, { references }).upstream_size).toEqual({ width: 1254, height: 836 });
    expect(plan(replicate, {}, { references }).body).toMatchObject({ input: { aspect_ratio: '3:2', size: '2K' } });
    expect(plan(ark, { aspect_ratio: '1:1', resolution: '1K' }, { references }).upstream_size).toEqual({
      width: 1024,
      height: 1024,
    });
  });

  test('an offer that cannot be told a shape follows the picture', () => {
    const made = plan('stability/sd3.5-large-edit', { aspect_ratio: '1:1' }, { references: [picture(1600, 900)] });
    expect(made.upstream_size).toEqual({ width: 1365, height: 768 });
    expect(told(made, 'aspect_ratio')).toMatchObject({ behaviour: 'converted', note: expect.stringContaining('16:9') });
  });
});

describe('counts, seeds and sets', () => {
  test('n is split, each picture has its seed, and seeds wrap at 32 bits', () => {
    const made = plan(fal, { n: 8, seed: 2 ** 32 - 2 });
    expect(made.calls).toEqual([
      { n: 6, overrides: {} },
      { n: 2, overrides: { num_images: 2, seed: 4 } },
    ]);
    expect(made.seeds).toEqual([4294967294, 4294967295, 0, 1, 2, 3, 4, 5]);
    expect(told(made, 'n')).toMatchObject({ behaviour: 'emulated', from: 8, to: 8 });
  });

  test('overrides are whole outermost fields, so that laying them over the body is enough', () => {
    const made = plan('gemini/nano-banana-pro', { n: 2, seed: 5 });
    const [, second] = made.calls;
    expect({ ...made.body, ...second?.overrides }).toMatchObject({
      generationConfig: { seed: 6, imageConfig: { imageSize: '1K' }, responseModalities: ['IMAGE'] },
    });
  });

  test('references and outputs share a budget', () => {
    const references = Array.from({ length: 10 }, () => picture(1000, 1000));
    expect(plan(falEdit, { n: 10 }, { references }).calls.map(({ n }) => n)).toEqual([5, 5]);
    expect(plan(ark, { max_images: 15 }, { references }).calls).toEqual([{ n: 5, overrides: {} }]);
  });

  test('a seed that the offer does not take is told, and one that it folds is converted', () => {
    expect(told(plan(replicate, { seed: 5 }), 'seed')).toMatchObject({ behaviour: 'ignored', to: null });
    expect(plan(replicate, { seed: 5 })).toMatchObject({ dishonoured: 1, seeds: [5] });
    expect(told(plan(ark, { seed: 2 ** 31 + 5 }), 'seed')).toMatchObject({ behaviour: 'converted', to: 5 });
    expect(told(plan(fal, { seed: 5 }), 'seed')).toMatchObject({ behaviour: 'passthrough' });
    expect(plan(fal, {}).seeds).toBeNull();
  });

  test('sets in each seller words', () => {
    const raw = { sequential_image_generation: 'auto', max_images: 4, n: 2 };
    const sets = plan(ark, raw);
    expect(sets.body).toMatchObject({
      sequential_image_generation: 'auto',
      sequential_image_generation_options: { max_images: 4 },
      stream: true,
    });
    expect(sets.calls.map(({ n }) => n)).toEqual([4, 4]);
    expect(told(sets, 'max_images')).toMatchObject({ behaviour: 'renamed' });
    expect(plan(fal, raw)).toMatchObject({ body: { max_images: 4, num_images: 2 }, calls: [{ n: 8 }] });
    expect(told(plan(fal, { max_images: 12 }), 'max_images')).toMatchObject({ behaviour: 'converted', to: 6 });
    expect(plan(replicate, { max_images: 3 }).body).toMatchObject({
      input: { sequential_image_generation: 'auto', max_images: 3 },
    });
    const off = plan(ark, { sequential_image_generation: 'disabled', max_images: 9 });
    expect(off.body).not.toHaveProperty('stream');
    expect(off.calls).toEqual([{ n: 1, overrides: {} }]);
    expect(told(off, 'max_images')).toMatchObject({ behaviour: 'ignored' });
    expect(
      told(plan('xai/grok-imagine-image', { sequential_image_generation: 'auto' }), 'sequential_image_generation'),
    ).toMatchObject({ behaviour: 'ignored' });
  });
});

describe('every other parameter', () => {
  test('what means the same is converted between offers', () => {
    expect(plan(ark, { enhance_prompt: false }).body).toMatchObject({ optimize_prompt_options: { mode: 'fast' } });
    expect(told(plan(fal, { enhance_prompt: true }), 'enhance_prompt')).toMatchObject({
      behaviour: 'converted',
      to: 'standard',
    });
    expect(told(plan(replicate, { enhance_prompt_mode: 'fast' }), 'enhance_prompt_mode')).toMatchObject({
      behaviour: 'converted',
      to: false,
    });
    expect(told(plan(replicate, { enhance_prompt: false }), 'enhance_prompt')).toMatchObject({
      behaviour: 'passthrough',
    });
  });

  test('two words for one field: the first is sent, the second is told', () => {
    const made = plan(ark, {
      enhance_prompt_mode: 'fast',
      enhance_prompt: true,
      optimize_prompt_options: { mode: 'standard' },
    });
    expect(made.body).toMatchObject({ optimize_prompt_options: { mode: 'fast' } });
    expect(told(made, 'enhance_prompt')).toMatchObject({ behaviour: 'ignored' });
    expect(told(made, 'optimize_prompt_options')).toMatchObject({ behaviour: 'ignored' });
  });

  test('what only another offer knows is withheld', () => {
    const made = plan(fal, { watermark: true });
    expect(made.body).not.toHaveProperty('watermark');
    expect(told(made, 'watermark')).toMatchObject({ behaviour: 'ignored', note: expect.stringContaining(ark) });
    expect(plan(ark, { watermark: true }).body).toMatchObject({ watermark: true });
  });

  test('what nobody knows is sent, and noted; a warning on request', () => {
    const made = plan(replicate, { foo: { a: 1 } });
    expect(made.body).toMatchObject({ input: { foo: { a: 1 } } });
    expect(told(made, 'foo')).toMatchObject({ behaviour: 'passthrough' });
    expect(made.warnings).toEqual([]);
    expect(plan(ark, { foo: 1, unknown_params: 'warn' }).warnings).toEqual([expect.stringContaining('`foo`')]);
  });

  test.each([
    [fal, 'num_images', 6],
    [fal, 'image_size', { width: 9, height: 9 }],
    [ark, 'sequential_image_generation_options', { max_images: 15 }],
    [ark, 'model_', 1],
  ])('at %s, `%s` cannot be slipped past the plan', (pin, name, value) => {
    const made = plan(pin, { [name]: value });
    if (name === 'model_') expect(made.body).toHaveProperty(name, value);
    else expect(made.body[name]).not.toEqual(value);
    expect(told(made, name)).toBeDefined();
  });

  test('what a provider is known to refuse is not sent', () => {
    const made = plan(ark, { guidance_scale: 5 });
    expect(made.body).not.toHaveProperty('guidance_scale');
    expect(told(made, 'guidance_scale')).toMatchObject({ behaviour: 'ignored' });
    expect(plan(fal, { guidance_scale: 5 }).body).toHaveProperty('guidance_scale', 5);
  });

  test('a negative prompt is written into the prompt where there is no field for it', () => {
    const made = plan(ark, { negative_prompt: 'dogs, $& and $1' });
    expect(made.body.prompt).toBe('a cat\n\nAvoid: dogs, $& and $1');
    expect(told(made, 'negative_prompt')).toMatchObject({ behaviour: 'emulated' });
    expect(plan('gesso/sketch', { negative_prompt: 'dogs' }).body).toMatchObject({
      prompt: 'a cat',
      negative_prompt: 'dogs',
    });
  });

  test('preferences that an offer lacks count, neutral values do not', () => {
    expect(plan(ark, { quality: 'high', style: 'vivid', background: 'transparent' }).dishonoured).toBe(3);
    expect(plan(ark, { quality: 'auto', background: 'auto', user: 'u1' }).dishonoured).toBe(0);
    expect(told(plan(ark, { quality: 'high' }), 'quality')).toMatchObject({ behaviour: 'ignored', to: null });
  });

  test('formats are native where they are, and made by us elsewhere', () => {
    expect(told(plan(ark, { output_format: 'webp' }), 'output_format')).toMatchObject({ behaviour: 'emulated' });
    expect(plan(ark, { output_format: 'webp', output_compression: 80 })).toMatchObject({
      output_format: 'webp',
      output_compression: 80,
    });
    expect(told(plan('openai/gpt-image-2', { output_format: 'webp' }), 'output_format')).toMatchObject({
      behaviour: 'passthrough',
    });
    expect(told(plan('openai/gpt-image-2', { output_format: 'avif' }), 'output_format')).toMatchObject({
      behaviour: 'emulated',
    });
    expect(told(plan(ark, { output_format: 'png', output_compression: 50 }), 'output_compression')).toMatchObject({
      behaviour: 'ignored',
    });
  });

  test('rough states come from the provider where it shows them of a lone picture', () => {
    const asked = { stream: true, partial_images: 2 };
    const made = plan('openai/gpt-image-2', asked);
    expect(made.body).toMatchObject({ stream: true, partial_images: 2 });
    expect(told(made, 'stream')).toMatchObject({ behaviour: 'passthrough' });
    expect(told(made, 'partial_images')).toMatchObject({ behaviour: 'passthrough', to: 2 });
    for (const other of [
      plan('openai/gpt-image-2', { ...asked, n: 2 }),
      plan('openai/gpt-image-2', { stream: true }),
    ]) {
      expect(other.body).not.toHaveProperty('stream');
      expect(other.body).not.toHaveProperty('partial_images');
      expect(told(other, 'stream')).toMatchObject({ behaviour: 'emulated' });
    }
    expect(told(plan(ark, asked), 'partial_images')).toMatchObject({ behaviour: 'emulated' });
  });

  test('masks', () => {
    const asked = { references: [picture(800, 800)], mask: picture(800, 800) };
    expect(plan(ark, {}, asked)).toMatchObject({ mask_emulated: true });
    expect(told(plan(ark, {}, asked), 'mask')).toMatchObject({ behaviour: 'emulated' });
    expect(plan('gesso/sketch', {}, asked)).toMatchObject({ mask_emulated: false, body: { mask: { $mask: true } } });
    const opaque = { ...asked, mask: { ...picture(800, 800), has_alpha: false } };
    expect(told(plan('gesso/sketch', {}, asked), 'mask')).toMatchObject({ behaviour: 'passthrough' });
    expect(told(plan('gesso/sketch', {}, opaque), 'mask')).toMatchObject({ behaviour: 'converted' });
    const fill = plan('bfl/flux-pro-1.0-fill', {}, asked);
    expect(fill).toMatchObject({ mask_emulated: false, body: { mask: { $mask: true } } });
    expect(told(fill, 'mask')).toMatchObject({ behaviour: 'converted', from: true, to: true });
  });

  test('what paints within a mask needs one, and gives back the pixels of its picture', () => {
    const asked = { references: [picture(1500, 1000)], mask: picture(1500, 1000) };
    expect(outcome('bfl/flux-pro-1.0-fill', {}, { references: asked.references })).toMatchObject({
      fault: { code: 'invalid_value', param: 'mask' },
    });
    const made = plan('bfl/flux-pro-1.0-fill', { aspect_ratio: '1:1', resolution: '2K' }, asked);
    expect(made).toMatchObject({ upstream_size: { width: 1500, height: 1000 }, reduce_to: null });
    expect(told(made, 'aspect_ratio')).toMatchObject({ behaviour: 'converted', note: expect.stringContaining('3:2') });
    expect(plan('bfl/flux-pro-1.0-fill', { size: '750x500' }, asked).reduce_to).toEqual({ width: 750, height: 500 });
  });

  test('a number may go less far in one mode than in another', () => {
    const asked = { safety_tolerance: 5 };
    expect(plan('bfl/flux-kontext-pro', asked).body).toMatchObject({ safety_tolerance: 5 });
    const edit = plan('bfl/flux-kontext-pro', asked, { references: [picture(800, 800)] });
    expect(edit).toMatchObject({ body: { safety_tolerance: 2 }, dishonoured: 1 });
    expect(told(edit, 'safety_tolerance')?.note).toContain('0 to 2');
  });

  test('a mask that is too large for the offer is a fault there', () => {
    const asked = { references: [picture(800, 800)], mask: { ...picture(800, 800), bytes: 100_000_000 } };
    expect(outcome('openai/gpt-image-2-edit', {}, asked)).toMatchObject({ fault: { param: 'mask' } });
  });
});

describe('requirements', () => {
  const facts = { kind: 'edit' as const, references: [picture(1000, 1000)], mask: null, prompt: 'p' };
  const seedream = catalog.models.get('bytedance/seedream-4.0');
  if (seedream === undefined) throw new Error('no Seedream');
  const able = (over: Partial<typeof facts>) =>
    offersThatCan(seedream, { ...facts, ...over }).offers.map(({ pin }) => pin);

  test('modes decide', () => {
    expect(able({})).toEqual([ark, falEdit, replicate]);
    expect(
      offersThatCan(seedream, { ...facts, kind: 'text_to_image', references: [] }).offers.map(({ pin }) => pin),
    ).toEqual([ark, fal, replicate]);
  });

  test('pictures decide: their count, bytes and shape', () => {
    const eleven = Array.from({ length: 11 }, () => picture(1000, 1000));
    expect(able({ references: eleven })).toEqual([]);
    expect(offersThatCan(seedream, { ...facts, references: eleven }).faults.map(({ code }) => code)).toContain(
      'too_many_images',
    );
    expect(able({ references: [{ ...picture(1000, 1000), bytes: 11 * 1024 * 1024 }] })).toEqual([falEdit, replicate]);
    expect(able({ references: [picture(4000, 1000)] })).toEqual([falEdit]);
    expect(able({ references: [picture(10, 20)] })).toEqual([falEdit, replicate]);
  });

  test('a prompt that is too long for an offer', () => {
    const made = outcome('stability/sd3.5-large', { prompt: 'x'.repeat(10_001) });
    expect('fault' in made && made.fault).toMatchObject({ param: 'prompt' });
  });
});
