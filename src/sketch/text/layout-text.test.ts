import { describe, expect, test } from 'vitest';
import { layoutText } from './layout-text.ts';

const size_px = 100;

describe('layoutText', () => {
  test('width grows with the text and with the size', () => {
    const short = layoutText('Gesso', { size_px });
    expect(layoutText('Gesso, the ground', { size_px }).width).toBeGreaterThan(short.width * 2);
    expect(layoutText('Gesso', { size_px: 200 }).width).toBeCloseTo(short.width * 2, 3);
  });

  test('pairs are kerned', () => {
    const together = layoutText('AV', { size_px }).width;
    const apart = layoutText('A', { size_px }).width + layoutText('V', { size_px }).width;
    expect(together).toBeLessThan(apart - 2);
  });

  test.each([
    ['sans', 'regular'],
    ['sans', 'bold'],
    ['serif', 'regular'],
    ['serif', 'bold'],
  ] as const)('%s %s draws Latin, Greek and Cyrillic inside its block', (family, weight) => {
    const layout = layoutText('Caffè Ωμέγα Жар-птица', { size_px, family, weight });
    expect(layout.contours.length).toBeGreaterThan(18);
    for (const contour of layout.contours) {
      expect(contour.length % 2).toBe(0);
      for (let at = 0; at < contour.length; at += 2) {
        expect(contour[at]).toBeGreaterThan(-5);
        expect(contour[at]).toBeLessThan(layout.width + 5);
        expect(contour[at + 1]).toBeGreaterThan(-10);
        expect(contour[at + 1]).toBeLessThan(layout.height + 10);
      }
    }
  });

  test('a character without a glyph is a visible box', () => {
    const layout = layoutText('漢', { size_px });
    expect(layout.contours).toHaveLength(2);
    expect(layout.width).toBeGreaterThan(40);
    expect(layoutText('🦊 漢字 \u0000 ﷽ 👩‍👩‍👧', { size_px }).contours.length).toBeGreaterThan(4);
  });

  test('long text wraps at spaces, a long word inside, and nothing is wider than asked', () => {
    const max_width_px = 300;
    const one = layoutText('word', { size_px, max_width_px });
    for (const text of [
      'a few words that must wrap here',
      'Donaudampfschifffahrtsgesellschaft',
      '   lead and trail   ',
    ]) {
      const layout = layoutText(text, { size_px, max_width_px });
      expect(layout.width).toBeLessThanOrEqual(max_width_px);
      expect(layout.height).toBeGreaterThan(one.height * 1.9);
    }
  });

  test('a width narrower than a letter still ends', () => {
    expect(layoutText('abc def', { size_px, max_width_px: 1 }).height).toBeGreaterThan(size_px * 6);
  });

  test('centred lines share their middle', () => {
    const left = layoutText('wide line\ni', { size_px });
    const centred = layoutText('wide line\ni', { size_px, align: 'center' });
    const lastX = (contours: readonly Float32Array[]) => contours.at(-1)?.[0] ?? 0;
    expect(lastX(centred.contours)).toBeGreaterThan(lastX(left.contours) + 100);
  });

  test('no text is no block', () => {
    expect(layoutText('', { size_px }).contours).toHaveLength(0);
    expect(layoutText('   ', { size_px }).contours).toHaveLength(0);
  });

  test('curves stay smooth when large', () => {
    const points = (size: number) => layoutText('O', { size_px: size }).contours[0]?.length ?? 0;
    expect(points(2000)).toBeGreaterThan(60);
  });
});
