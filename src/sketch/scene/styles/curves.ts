/** A tone curve of 256 steps: an S of the given contrast, plus a push of the dark and of the light end. */
export function clampedCurve(contrast: number, shadowPush: number, lightPush: number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, i) => {
    const t = i / 255;
    const s = t + contrast * (t * t * (3 - 2 * t) - t);
    const value = s * 255 + shadowPush * (1 - t) ** 2 + lightPush * t * t;
    return Math.max(0, Math.min(255, Math.round(value)));
  });
}
