/** Draws docs/contact-sheet.webp: what the sketch engine makes of the prompts in the README and in the product's first documents. */
import sharp from 'sharp';
import type { SketchRequest } from '../src/contracts/engine.ts';
import type { Pixels } from '../src/contracts/media.ts';
import { drawSketch } from '../src/sketch/draw-sketch.ts';
import { resample } from '../src/sketch/edit/resample.ts';
import { Canvas, fillContours } from '../src/sketch/raster/canvas.ts';
import { solid } from '../src/sketch/raster/paint.ts';
import { layoutText } from '../src/sketch/text/layout-text.ts';

interface Cell {
  readonly prompt: string;
  /** What is written below; the prompt when absent. */
  readonly caption?: string;
  readonly seed?: number;
  /** Captions of earlier cells whose pictures this one edits. */
  readonly of?: readonly string[];
}

const cells: readonly Cell[] = [
  { prompt: 'A beautiful sunset over mountains' },
  { prompt: 'A cyberpunk cat at sunset, cinematic lighting' },
  {
    prompt:
      'Hyper-photorealistic scene of fluffy baby animals—a golden retriever puppy, tabby kitten, baby bunny, and red fox kit—playfully chasing butterflies in a lush wildflower meadow, warm golden sunrise light with god rays',
    caption: 'Fluffy baby animals in a wildflower meadow, golden sunrise, god rays',
  },
  {
    prompt:
      'A glass cube on a wooden table. Inside the cube is a small blue sphere. On top of the cube sits a red book. A green plant is behind the cube, partially visible through the glass. Soft window light from the left.',
    caption: 'A glass cube on a wooden table; inside, a blue sphere; on top, a red book',
  },
  {
    prompt:
      'A candid street photo of an elderly Japanese man repairing a red bicycle in light rain, reflections on wet pavement, shallow depth of field',
    caption: 'An elderly man repairing a red bicycle in light rain',
  },
  {
    prompt:
      'Vintage minimalist restaurant logo for "Caffè Florian", retro cloche dome with steam and "Est. 1720" banner, classic typography, warm brown and cream tones, subtle texture on light background, vector emblem style.',
    caption: 'Vintage restaurant logo for “Caffè Florian”',
  },
  {
    prompt:
      'Create a clean, modern vector infographic poster about the Apollo 11 mission. NASA-inspired palette (navy, white, muted red, light gray). Steps (stop at landing): 1. Launch (Saturn V icon) 2. Earth Orbit (Earth + orbit ring icon) 3. Translunar (trajectory arc icon) 4. Lunar Orbit (Moon + orbit ring icon) 5. Descent (lunar module descending icon) 6. Landing (lunar module on the surface icon)',
    caption: 'Infographic poster about the Apollo 11 mission',
  },
  {
    prompt:
      "Create a clear, 45° top-down isometric miniature 3D cartoon scene of Japan's signature dish: sushi, on a small raised diorama base. Solid light blue background. At top-center: 'JAPAN' in large bold text, 'SUSHI' below it, small flag icon.",
    caption: 'Isometric miniature of sushi, “JAPAN” in large bold text',
  },
  {
    prompt:
      'Perfectly symmetrical mandala made entirely of real flowers, petals, leaves, fruits, and seeds in vibrant natural colors',
    caption: 'Symmetrical mandala made of flowers, petals and leaves',
  },
  {
    prompt:
      'Hyper-photorealistic interior of a lush Victorian glass greenhouse filled with exotic tropical plants, vibrant blooming orchids, tall ferns, colorful butterflies in flight, misty atmosphere',
    caption: 'Interior of a lush Victorian glass greenhouse',
  },
  {
    prompt:
      'Full-body portrait of a female superhero standing triumphantly on a New York skyscraper rooftop at golden sunset, flowing cape, chest emblem, red and blue colors, detailed urban cityscape background',
    caption: 'Superhero on a New York rooftop at golden sunset',
  },
  {
    prompt:
      'Modern minimalist restaurant menu design, white background with colorful food photos in grid, sections for appetizers/pizza/mains, bold sans-serif fonts, vibrant accents',
    caption: 'Modern minimalist restaurant menu design',
  },
  { prompt: 'make it night', caption: 'Edit: make it night', of: ['A beautiful sunset over mountains'] },
  {
    prompt:
      'Transform this photo into a Studio Ghibli–inspired illustration. Use soft pastel colors, hand-painted textures',
    caption: 'Edit: a Studio Ghibli–inspired illustration',
    of: ['Superhero on a New York rooftop at golden sunset'],
  },
  {
    prompt: 'make the red book green, add text "READ ME" at the top',
    caption: 'Edit: make the red book green, add text “READ ME”',
    of: ['A glass cube on a wooden table; inside, a blue sphere; on top, a red book'],
  },
  {
    prompt: 'put the cat from the second picture into the first',
    caption: 'Two references: put the cat into the first picture',
    of: ['A beautiful sunset over mountains', 'A cyberpunk cat at sunset, cinematic lighting'],
  },
];

const columns = 4;
const cell_px = 360;
const caption_px = 46;
const gap_px = 14;
const drawn_px = 1024;
const paper = 0x14161b;

const width = columns * (cell_px + gap_px) + gap_px;
const height = Math.ceil(cells.length / columns) * (cell_px + caption_px + gap_px) + gap_px;
const sheet = new Canvas(width, height, paper);
const drawn = new Map<string, Pixels>();

for (const [index, cell] of cells.entries()) {
  const caption = cell.caption ?? cell.prompt;
  const images = (cell.of ?? []).flatMap((name) => drawn.get(name) ?? []);
  const request: SketchRequest = {
    prompt: cell.prompt,
    seed: cell.seed ?? 1,
    width: drawn_px,
    height: drawn_px,
    images,
    marked: false,
  };
  const { pixels } = drawSketch(request, 0, () => {});
  drawn.set(caption, pixels);
  const left = gap_px + (index % columns) * (cell_px + gap_px);
  const top = gap_px + Math.floor(index / columns) * (cell_px + caption_px + gap_px);
  place(pixels, left, top);
  write(caption, left, top + cell_px + 4);
}

const file = new URL('../docs/contact-sheet.webp', import.meta.url).pathname;
const { size } = await sharp(sheet.data, { raw: { width, height, channels: 4 } })
  .removeAlpha()
  .webp({ quality: 84, effort: 6 })
  .toFile(file);
console.log(`docs/contact-sheet.webp: ${width} x ${height}, ${Math.round(size / 1000)} kB`);

function place(pixels: Pixels, left: number, top: number): void {
  const small = resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, cell_px, cell_px);
  for (let y = 0; y < cell_px; y++) {
    sheet.words.set(small.words.subarray(y * cell_px, (y + 1) * cell_px), (top + y) * width + left);
  }
}

function write(caption: string, left: number, top: number): void {
  const { contours } = layoutText(caption, { size_px: 15, max_width_px: cell_px, line_height: 1.25 });
  const moved = contours.map((contour) => contour.map((value, at) => value + (at % 2 === 0 ? left : top)));
  fillContours(sheet, moved, solid(0xc9ced8));
}
