import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../contracts/media.ts';
import { paintEdit } from './paint-edit.ts';
import {
  blocks,
  changedShare,
  colourAt,
  discMask,
  editOf,
  landscape,
  plain,
  portrait,
  type Statistics,
  statisticsOf,
} from './test-pictures.ts';

const edit = (prompt: string, ...images: Pixels[]): Pixels => paintEdit(editOf(prompt, images)).pixels;
const sky = { left: 0, top: 0, right: 1, bottom: 0.3 };
const isBlue = ([r, , b]: readonly number[]) => (b ?? 0) > (r ?? 0) + 50;
const isRed = ([r, , b]: readonly number[]) => (r ?? 0) > (b ?? 0) + 50;

describe('each instruction changes what it should', () => {
  const before = statisticsOf(landscape());
  const rows: readonly [prompt: string, holds: (after: Statistics) => boolean][] = [
    ['make it night', (after) => after.luma < before.luma * 0.5 && after.blue > after.red],
    ['turn this into a sunset', (after) => after.red - after.blue > before.red - before.blue + 40],
    ['golden hour', (after) => after.red - after.blue > before.red - before.blue + 20],
    ['dawn', (after) => after.chroma < before.chroma],
    ['black and white', (after) => after.chroma < 1],
    ['sepia', (after) => after.chroma < before.chroma && after.red > after.blue + 15],
    ['blur it', (after) => after.detail < before.detail * 0.75],
    ['sharpen', (after) => after.detail > before.detail],
    ['brighter', (after) => after.luma > before.luma + 10],
    ['make it darker', (after) => after.luma < before.luma - 20],
    ['more contrast', (after) => after.deviation > before.deviation * 1.1],
    ['more vibrant colours', (after) => after.chroma > before.chroma * 1.15],
    ['invert the colours', (after) => Math.abs(after.luma - (255 - before.luma)) < 4],
    ['pixelate', (after) => after.detail !== before.detail],
    ['pencil sketch', (after) => after.chroma < 12 && after.luma > 190],
    ['add snow', (after) => after.luma > before.luma && after.detail > before.detail * 1.5],
    ['thick fog', (after) => after.deviation < before.deviation * 0.8 && after.chroma < before.chroma * 0.7],
    ['vignette', (after) => after.luma < before.luma - 3],
    ['vintage look', (after) => after.chroma < before.chroma],
  ];
  test.each(rows)('%s', (prompt, holds) => {
    expect(holds(statisticsOf(edit(prompt, landscape())))).toBe(true);
  });

  test.each([
    'oil painting',
    'watercolor',
    'Studio Ghibli style illustration',
    'cartoon',
    'rain',
    'leaves flying in the wind',
    'sun rays',
    'add a moon',
    'add birds',
    'add a hot air balloon',
    'posterize',
    'cyberpunk',
    'add a cat',
    'rotate 90 degrees',
    'crop to the left',
    'zoom in',
    'zoom out',
    'add a red frame',
    'give it more pizzazz, whatever that is',
  ])('%s is visible, and keeps the size', (prompt) => {
    const after = edit(prompt, landscape());
    expect([after.width, after.height]).toEqual([192, 192]);
    expect(changedShare(landscape(), after)).toBeGreaterThan(0.004);
  });

  test('night darkens the sky, lights windows and leaves more than black', () => {
    const after = edit('night', landscape());
    expect(statisticsOf(after, sky).luma).toBeLessThan(60);
    const [r, g, b] = colourAt(after, 0.265, 0.53);
    expect(r + g).toBeGreaterThan(300);
    expect(b).toBeLessThan(r);
  });

  test('mirroring moves the house to the right', () => {
    const after = edit('mirror it', landscape());
    expect(colourAt(after, 1 - 0.265, 0.47)).toEqual(colourAt(landscape(), 0.265, 0.47));
  });

  test('instructions are applied in the order of their words', () => {
    const after = paintEdit(editOf('make it black and white, then add the text "Gesso" in red', [landscape()]));
    expect(after.understood).toEqual(['black and white', 'text “Gesso”']);
    expect(changedShare(edit('black and white', landscape()), after.pixels)).toBeGreaterThan(0.02);
  });
});

describe('colours', () => {
  test('one colour becomes another, and others stay', () => {
    const after = edit('make the red car blue', landscape());
    expect(isBlue(colourAt(after, 0.72, 0.78))).toBe(true);
    expect(colourAt(after, 0.1, 0.9)).toEqual(colourAt(landscape(), 0.1, 0.9));
  });

  test('two blocks change places', () => {
    const after = edit('Swap the positions of the blue and yellow blocks', blocks());
    expect(isBlue(colourAt(after, 0.82, 0.62))).toBe(true);
    expect(isRed(colourAt(after, 0.18, 0.62))).toBe(true);
    expect(colourAt(after, 0.5, 0.62)).toEqual(colourAt(blocks(), 0.5, 0.62));
  });

  test('two colours change', () => {
    const after = edit('swap the colors red and blue', blocks());
    expect(isRed(colourAt(after, 0.18, 0.62))).toBe(true);
    expect(isBlue(colourAt(after, 0.5, 0.62))).toBe(true);
  });

  test('a background is replaced behind the subject', () => {
    const after = edit('change the background to red', portrait());
    expect(isRed(colourAt(after, 0.06, 0.1))).toBe(true);
    expect(colourAt(after, 0.5, 0.45)).toEqual(colourAt(portrait(), 0.5, 0.45));
  });

  test('a background is made transparent', () => {
    const { data } = edit('make the background transparent', portrait());
    expect(data[3]).toBe(0);
    expect(data[(80 * 192 + 96) * 4 + 3]).toBe(255);
  });
});

describe('text', () => {
  test.each([
    ['add text "HELLO" at the top', { left: 0, top: 0, right: 1, bottom: 0.3 }],
    ['write "HELLO" at the bottom', { left: 0, top: 0.7, right: 1, bottom: 1 }],
  ])('%s', (prompt, part) => {
    const ground = plain(0x808080);
    const after = edit(prompt, ground);
    expect(statisticsOf(after, part).deviation).toBeGreaterThan(30);
    const rest = part.top === 0 ? { ...part, top: 0.5, bottom: 1 } : { ...part, top: 0, bottom: 0.5 };
    expect(statisticsOf(after, rest).deviation).toBe(0);
  });

  test('it has the colour asked for', () => {
    const warmth = (prompt: string) => {
      const { red, blue } = statisticsOf(edit(prompt, plain(0xffffff)));
      return red - blue;
    };
    expect(warmth('add text "HELLO" in red')).toBeGreaterThan(1);
    expect(warmth('add text "HELLO" in blue')).toBeLessThan(-1);
  });
});

describe('masks', () => {
  const prompts = [
    'night',
    'add a cat',
    'a field of sunflowers under a blue sky',
    'mirror it',
    'remove it',
    'add text "Hi"',
  ];
  test.each(prompts)(
    '%s: outside stays to the byte, inside changes',
    (prompt) => {
      const mask = discMask();
      const image = landscape();
      const { pixels } = paintEdit(editOf(prompt, [image], { mask }));
      let inside = 0;
      for (let at = 0; at < pixels.data.length; at += 4) {
        if (mask.data[at + 3] === 255) {
          expect(pixels.data.subarray(at, at + 4)).toEqual(image.data.subarray(at, at + 4));
        } else if (pixels.data[at] !== image.data[at]) inside++;
      }
      expect(inside).toBeGreaterThan(50);
    },
    30_000,
  );

  test('the soft edge is a mixture', () => {
    const { pixels } = paintEdit(editOf('invert the colours', [plain(0xffffff)], { mask: discMask() }));
    const row = [...pixels.data.subarray(96 * 192 * 4, 97 * 192 * 4)].filter((_, at) => at % 4 === 0);
    expect(row.some((value) => value > 40 && value < 215)).toBe(true);
    expect(row[96]).toBe(0);
    expect(row[0]).toBe(255);
  });
});

describe('several references', () => {
  test.each([
    'combine these pictures',
    'put the person from the second picture into the first',
    'use the colours of the second picture',
  ])('%s: the second is seen', (prompt) => {
    const one = edit(prompt, landscape(), portrait());
    const other = edit(prompt, landscape(), blocks());
    expect(changedShare(one, other)).toBeGreaterThan(0.03);
    expect(changedShare(one, edit(prompt, blocks(), portrait()))).toBeGreaterThan(0.03);
  });

  test('six are all there', () => {
    const colours = [0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xff00ff, 0x00ffff];
    const after = edit('a collage', ...colours.map((color) => plain(color)));
    for (const color of colours) {
      const wanted = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
      let seen = 0;
      for (let at = 0; at < after.data.length; at += 4) {
        if (wanted.every((value, channel) => Math.abs(value - (after.data[at + channel] ?? 0)) < 8)) seen++;
      }
      expect(seen / (after.data.length / 4)).toBeGreaterThan(0.07);
    }
  });
});

describe('any request', () => {
  const prompts = [
    'night with stars',
    'snow',
    'oil painting',
    'put it on a beach',
    'something unheard of',
    'add leaves flying',
  ];
  test.each(prompts)('%s: same request, same bytes', (prompt) => {
    const first = paintEdit(editOf(prompt, [landscape()]));
    const second = paintEdit(editOf(prompt, [landscape()]));
    expect(Buffer.compare(second.pixels.data, first.pixels.data)).toBe(0);
    expect(second.understood).toEqual(first.understood);
  });

  test('another seed, other snow', () => {
    const other = paintEdit(editOf('snow', [landscape()], { seed: 8 })).pixels;
    expect(changedShare(edit('snow', landscape()), other)).toBeGreaterThan(0.01);
  });

  test('the picture that came in is left alone', () => {
    const image = landscape();
    edit('night, mirror it, oil painting, add text "x"', image);
    expect(image).toEqual(landscape());
  });

  test.each([
    [64, 64],
    [300, 100],
    [97, 401],
  ])('%i x %i is what comes out', (width, height) => {
    for (const prompt of ['night', 'watercolor', 'rotate 30 degrees', 'combine']) {
      const images = prompt === 'combine' ? [landscape(), portrait(), blocks()] : [landscape()];
      const { pixels } = paintEdit(editOf(prompt, images, { width, height }));
      expect(pixels.data.length).toBe(width * height * 4);
    }
  });

  test.each(['', '   ', '"', '{"action":', '{}', '[]', 'a'.repeat(32_000), '(((((', 'add text ""', '🦊🦊', 'make the'])(
    'odd words %#',
    (prompt) => {
      expect(paintEdit(editOf(prompt, [plain(0x336699, 64, 64)])).understood.length).toBeGreaterThan(0);
    },
  );

  test('pictures of one pixel and with alpha', () => {
    for (const image of [plain(0xff0000, 1, 1), plain(0x00ff00, 1, 300)]) {
      expect(paintEdit(editOf('night', [image], { width: 64, height: 64 })).pixels.data.length).toBe(64 * 64 * 4);
    }
  });
});
