import type { SketchRequest } from '../../contracts/engine.ts';
import type { Pixels } from '../../contracts/media.ts';
import { Canvas, fillContours } from '../raster/canvas.ts';
import { radial } from '../raster/paint.ts';
import { estimateSubject } from './estimate-subject.ts';
import { transferPalette } from './palette-transfer.ts';
import { pastePicture } from './paste-picture.ts';
import { coverResize, resample } from './resample.ts';
import { ellipse } from './shapes.ts';

const styleWords =
  /\b(?:(?:styles?|colou?rs?|palette|mood|look|lighting|tones?)\b[^.;]{0,24}\b(?:of|from|in)\b[^.;]{0,24}\b(?:second|2nd|other|image ?2|picture ?2|photo ?2|reference|last|third|image ?3)|(?:second|2nd|other|image ?2)\b[^.;]{0,24}\b(?:styles?|palette|colou?rs?|as (?:a )?style))\b/i;
const putWords =
  /\b(?:put|place|add|insert|move|bring|include|paste|composite|wearing|wear|holding|hold|sitting|standing)\b/i;

/** Makes one picture of several. Every reference stays visible: as a pane, as a cut-out, or as the palette of the whole. */
export function combinePictures(request: SketchRequest): { readonly canvas: Canvas; readonly says: string } {
  const { images, prompt, width, height } = request;
  const [first, second] = images;
  if (first === undefined) throw new Error('An edit needs a picture.');
  if (second === undefined) return { canvas: coverResize(first, width, height), says: '' };
  if (styleWords.test(prompt) && images.length === 2) {
    const canvas = coverResize(first, width, height);
    transferPalette(canvas, second);
    return { canvas, says: 'the colours of the second picture' };
  }
  if (putWords.test(prompt) || request.mask !== undefined) {
    const canvas = coverResize(first, width, height);
    for (const [index, image] of images.slice(1).entries()) standIn(canvas, image, index, images.length - 1);
    return { canvas, says: `what stands in front in ${images.length - 1} other picture(s), put into the first` };
  }
  return { canvas: panes(images, width, height), says: `${images.length} pictures combined` };
}

/** Cuts out what stands in front, and stands it on the ground of the canvas with a shadow. Nothing to cut out: an inset with soft edges. */
function standIn(canvas: Canvas, image: Pixels, index: number, count: number): void {
  const { bounds, readRow } = estimateSubject(image);
  const cut = new Canvas(image.width, image.height, image.data.slice());
  const share = new Uint8Array(image.width);
  for (let y = 0; y < image.height; y++) {
    readRow(y, image, share);
    for (let x = 0; x < image.width; x++) {
      const at = (y * image.width + x) * 4 + 3;
      cut.data[at] = Math.min(image.data[at] ?? 255, share[x] ?? 0);
    }
  }
  const region = {
    x: bounds.left * image.width,
    y: bounds.top * image.height,
    width: Math.max(1, (bounds.right - bounds.left) * image.width),
    height: Math.max(1, (bounds.bottom - bounds.top) * image.height),
  };
  const roomX = (canvas.width * 0.8) / count;
  const scale = Math.min((canvas.height * 0.56) / region.height, roomX / region.width);
  const inner = resample(
    cut,
    region,
    Math.max(1, Math.round(region.width * scale)),
    Math.max(1, Math.round(region.height * scale)),
  );
  const middle = count === 1 ? canvas.width * 0.64 : canvas.width * (0.1 + (0.8 * (index + 0.5)) / count);
  const foot = canvas.height * 0.95;
  const reach = inner.width * 0.55;
  fillContours(
    canvas,
    [ellipse(middle, foot, reach, reach * 0.18, 48)],
    radial(
      middle,
      foot,
      reach,
      [
        [0, 0x000000, 0.45],
        [1, 0x000000, 0],
      ],
      0.18,
    ),
  );
  pastePicture(canvas, inner, Math.round(middle - inner.width / 2), Math.round(foot - inner.height));
}

/** Panes side by side in rows, melting into each other: up to three in a row, the last row filled by what is left. */
function panes(images: readonly Pixels[], width: number, height: number): Canvas {
  const wide = width >= height;
  const lines = images.length <= 3 ? 1 : Math.ceil(images.length / 3);
  const canvas = new Canvas(width, height);
  const perLine = Math.ceil(images.length / lines);
  for (let line = 0; line < lines; line++) {
    const group = images.slice(line * perLine, (line + 1) * perLine);
    group.forEach((image, place) => {
      const along = wide ? width : height;
      const across = wide ? height : width;
      const box = {
        start: (along * place) / group.length,
        length: along / group.length,
        top: (across * line) / lines,
        depth: across / lines,
      };
      pane(canvas, image, box, wide, {
        first: place === 0,
        last: place === group.length - 1,
        top: line === 0,
        bottom: line === lines - 1,
      });
    });
  }
  return canvas;
}

interface PaneBox {
  readonly start: number;
  readonly length: number;
  readonly top: number;
  readonly depth: number;
}

/** A pane reaches over its neighbours' edges by half the seam; earlier panes lie below later ones, which fade in. */
function pane(
  canvas: Canvas,
  image: Pixels,
  box: PaneBox,
  wide: boolean,
  edge: { readonly first: boolean; readonly last: boolean; readonly top: boolean; readonly bottom: boolean },
): void {
  const seam = Math.min(box.length, box.depth) * 0.18;
  const from = Math.max(0, Math.floor(box.start - (edge.first ? 0 : seam / 2)));
  const to = Math.ceil(box.start + box.length + (edge.last ? 0 : seam / 2));
  const top = Math.max(0, Math.floor(box.top - (edge.top ? 0 : seam / 2)));
  const bottom = Math.ceil(box.top + box.depth + (edge.bottom ? 0 : seam / 2));
  const frame = wide
    ? { left: from, top, width: Math.min(canvas.width, to) - from, height: Math.min(canvas.height, bottom) - top }
    : { left: top, top: from, width: Math.min(canvas.width, bottom) - top, height: Math.min(canvas.height, to) - from };
  const inner = coverResize(image, frame.width, frame.height);
  const smooth = (t: number) => (t >= 1 ? 1 : t * t * (3 - 2 * t));
  for (let y = 0; y < inner.height; y++) {
    for (let x = 0; x < inner.width; x++) {
      const along = wide ? x : y;
      const across = wide ? y : x;
      const k = (edge.first ? 1 : smooth(along / seam)) * (edge.top ? 1 : smooth(across / seam));
      const at = (y * inner.width + x) * 4;
      const out = ((frame.top + y) * canvas.width + frame.left + x) * 4;
      const share = (k * (inner.data[at + 3] ?? 255)) / 255;
      for (let channel = 0; channel < 3; channel++) {
        const old = canvas.data[out + channel] ?? 0;
        canvas.data[out + channel] = old + ((inner.data[at + channel] ?? 0) - old) * share + 0.5;
      }
    }
  }
}
