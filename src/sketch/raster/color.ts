/** A colour packed as 0xRRGGBB (sRGB, 8 bits a channel). */
export type Color = number;

const clampByte = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value));

export const rgb = (red: number, green: number, blue: number): Color =>
  (clampByte(red) << 16) | (clampByte(green) << 8) | clampByte(blue);

export const redOf = (color: Color): number => (color >> 16) & 255;
export const greenOf = (color: Color): number => (color >> 8) & 255;
export const blueOf = (color: Color): number => color & 255;

/** `from` at 0, `to` at 1. */
export function mix(from: Color, to: Color, amount: number): Color {
  const t = amount < 0 ? 0 : amount > 1 ? 1 : amount;
  return rgb(
    redOf(from) + (redOf(to) - redOf(from)) * t,
    greenOf(from) + (greenOf(to) - greenOf(from)) * t,
    blueOf(from) + (blueOf(to) - blueOf(from)) * t,
  );
}

export const multiplyColors = (a: Color, b: Color): Color =>
  rgb((redOf(a) * redOf(b)) / 255, (greenOf(a) * greenOf(b)) / 255, (blueOf(a) * blueOf(b)) / 255);

/** Rec. 709 luma, 0 .. 1. */
export const lumaOf = (color: Color): number =>
  (0.2126 * redOf(color) + 0.7152 * greenOf(color) + 0.0722 * blueOf(color)) / 255;

/** Saturation above 1 moves away from the grey of the same luma, below 1 towards it. */
export function saturate(color: Color, amount: number): Color {
  const grey = lumaOf(color) * 255;
  return rgb(
    grey + (redOf(color) - grey) * amount,
    grey + (greenOf(color) - grey) * amount,
    grey + (blueOf(color) - grey) * amount,
  );
}

/** Hue in turns (0 .. 1, wraps), saturation and lightness 0 .. 1. */
export function hsl(hue: number, saturation: number, lightness: number): Color {
  const chroma = (1 - Math.abs(2 * lightness - 1)) * saturation;
  const channel = (shift: number): number => {
    const h = (((hue + shift) % 1) + 1) % 1;
    const ramp = Math.min(1, Math.max(0, Math.abs(h * 6 - 3) - 1));
    return 255 * (lightness + chroma * (ramp - 0.5));
  };
  return rgb(channel(0), channel(-1 / 3), channel(1 / 3));
}
