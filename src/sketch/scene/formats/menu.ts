import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { Mask } from '../../raster/mask.ts';
import { linear, radial, solid } from '../../raster/paint.ts';
import { ellipse, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import { lookOf } from '../compose/place-figures.ts';
import { food } from '../figures/food.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

/** Section -> dishes (figure, name). A section that the table does not know takes the last row. */
const dishes: readonly { readonly words: RegExp; readonly items: readonly (readonly [string, string])[] }[] = [
  {
    words: /appeti|starter|antipast|small/i,
    items: [
      ['bread', 'Garlic bread'],
      ['fruit', 'Garden bowl'],
      ['sushi', 'Salmon rolls'],
    ],
  },
  {
    words: /pizza/i,
    items: [
      ['pizza', 'Margherita'],
      ['pizza', 'Diavola'],
      ['pizza', 'Quattro'],
    ],
  },
  {
    words: /dessert|sweet/i,
    items: [
      ['cake', 'Berry cake'],
      ['icecream', 'Gelato'],
      ['fruit', 'Fruit bowl'],
    ],
  },
  {
    words: /drink|coffee|beverage|wine/i,
    items: [
      ['coffee', 'Cappuccino'],
      ['wine', 'House red'],
      ['coffee', 'Hot cocoa'],
    ],
  },
  {
    words: /sushi/i,
    items: [
      ['sushi', 'Nigiri set'],
      ['sushi', 'Maki set'],
      ['sushi', 'Chef plate'],
    ],
  },
  {
    words: /.*/,
    items: [
      ['burger', 'Classic burger'],
      ['sushi', 'Sushi plate'],
      ['bread', 'Farm toast'],
    ],
  },
];

/** Sections in a grid of pictures, each with its heading, dishes and prices. */
export function composeMenu(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const random = picture.random.fork('menu');
  const accents =
    facts.colors.length > 1
      ? facts.colors
      : random.pick([
          [0xe8503a, 0xf2a63a, 0x3f9a6a, 0x3f78c4],
          [0xd9435a, 0xf2b632, 0x2f9a9a, 0x7a58b8],
        ]);
  const sections = facts.sections.length > 0 ? facts.sections : ['Appetizers', 'Mains', 'Desserts'];
  const margin = stage.mean * 0.05;
  const head = Math.min(stage.height * 0.16, stage.mean * 0.14);
  const tall = (stage.height - margin * 2 - head) / sections.length;
  const wideFrame = stage.width > stage.height * 1.6;
  const title = facts.quotes[0] ?? 'MENU';
  const layers: Layer[] = [
    {
      name: 'sheet',
      paint: () => {
        fillContours(stage.canvas, [rectangle(0, 0, stage.width, stage.height)], solid(facts.background ?? 0xfdfcfa));
        letter(stage, title, {
          x: stage.width / 2,
          y: margin + head * 0.36,
          size_px: head * 0.62,
          width_max: stage.width - margin * 2,
          paint: 0x23242a,
        });
        accents.forEach((color, i) => {
          fillContours(
            stage.canvas,
            [
              roundedRectangle(
                stage.width / 2 + (i - accents.length / 2) * stage.mean * 0.05,
                margin + head * 0.76,
                stage.mean * 0.042,
                Math.max(2, head * 0.045),
                4,
              ),
            ],
            solid(color),
          );
        });
      },
    },
  ];
  sections.forEach((section, s) => {
    const column = wideFrame ? (stage.width - margin * 2) / sections.length : stage.width - margin * 2;
    const box = wideFrame
      ? { x: margin + s * column, y: margin + head, width: column * 0.94, height: stage.height - margin * 2 - head }
      : { x: margin, y: margin + head + s * tall, width: column, height: tall * 0.95 };
    layers.push({
      name: section,
      paint: () => paintSection(picture, section, accents[s % accents.length] ?? 0xe8503a, box, random.whole(0, 5)),
    });
  });
  return layers;
}

function paintSection(
  picture: Picture,
  section: string,
  accent: number,
  box: { x: number; y: number; width: number; height: number },
  price: number,
): void {
  const { stage } = picture;
  const items = (dishes.find((row) => row.words.test(section)) ?? dishes[dishes.length - 1])?.items ?? [];
  const heading = Math.min(box.height * 0.17, stage.mean * 0.05);
  fillContours(
    stage.canvas,
    [roundedRectangle(box.x, box.y + heading * 0.1, heading * 0.2, heading * 0.8, heading * 0.1)],
    solid(accent),
  );
  letter(stage, section.toUpperCase(), {
    x: box.x + heading * 0.5,
    y: box.y + heading * 0.5,
    size_px: heading * 0.74,
    width_max: box.width * 0.8,
    paint: 0x23242a,
    align: 'left',
  });
  const count =
    box.width < box.height * 0.45 ? 1 : box.width < box.height * 0.8 ? Math.min(2, items.length) : items.length;
  const gap = stage.mean * 0.018;
  const wide = (box.width - gap * (count - 1)) / count;
  const top = box.y + heading * 1.2;
  const high = box.height - heading * 1.3;
  const caption = Math.min(high * 0.2, stage.mean * 0.042);
  items.slice(0, count).forEach(([kind, name], i) => {
    const x = box.x + i * (wide + gap);
    const photo = roundedRectangle(x, top, wide, high - caption, Math.min(wide, high) * 0.06);
    const tint = mix(accent, 0xffffff, 0.55 + i * 0.1);
    fillContours(
      stage.canvas,
      [photo],
      linear(x, top, x + wide, top + high, [
        [0, mix(tint, 0xffffff, 0.35)],
        [1, tint],
      ]),
    );
    const clip = new Mask([photo], stage.width, stage.height);
    fillContours(
      stage.canvas,
      [ellipse(x + wide / 2, top + (high - caption) * 0.74, wide * 0.6, Math.min(wide * 0.4, high * 0.2))],
      radial(
        x + wide / 2,
        top + high * 0.7,
        wide * 0.6,
        [
          [0, mix(tint, 0x3a2030, 0.25), 0.6],
          [1, tint, 0],
        ],
        0.4,
      ),
      { clip },
    );
    const figure = food[kind];
    if (figure) {
      const size = Math.min((high - caption) * 0.68, (wide * 0.8) / figure.aspect);
      figure.paint(
        Pen.at(stage, x + wide / 2, top + (high - caption) * 0.5 + size * 0.5, size),
        lookOf(picture, { kind: 'fruit', name, count: 1, colors: [], traits: [] }, i + price),
      );
    }
    letter(stage, name, {
      x,
      y: top + high - caption * 0.42,
      size_px: caption * 0.6,
      width_max: wide * 0.68,
      paint: 0x2c2d33,
      align: 'left',
    });
    const cost = `${6 + ((price + i * 3) % 11)}.${i % 2 === 0 ? '50' : '90'}`;
    letter(stage, cost, {
      x: x + wide - caption * 0.9,
      y: top + high - caption * 0.42,
      size_px: caption * 0.6,
      width_max: wide * 0.28,
      paint: accent,
    });
  });
}
