import type { Color } from '../../raster/color.ts';
import { lumaOf, mix } from '../../raster/color.ts';
import { ellipse, polygon, rectangle, star } from '../../raster/shapes.ts';
import { lookOf } from '../compose/place-figures.ts';
import { figureOf } from '../figures/registry.ts';
import { paintPaper } from '../layers/paper.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

/** Ink and paper for a mark: the darkest and the lightest colour named, or a pair that the seed picks. */
export function inkAndPaper(picture: Picture): { ink: Color; paper: Color; accent: Color } {
  const named = [...picture.facts.colors].sort((a, b) => lumaOf(a) - lumaOf(b));
  const [dark, light, accent] = picture.random.fork('ink').pick<readonly [Color, Color, Color]>([
    [0x4a2e1f, 0xf5ead6, 0xb06a3a],
    [0x1f3a34, 0xf2efe4, 0xb8863a],
    [0x22304f, 0xf4f1ea, 0xc8553d],
    [0x3a1f2e, 0xf6ece6, 0xb85a5a],
  ]);
  const first = named[0];
  const last = named[named.length - 1];
  return {
    ink: first !== undefined && lumaOf(first) < 0.5 ? first : dark,
    paper: picture.facts.background ?? (last !== undefined && lumaOf(last) > 0.6 ? last : light),
    accent: named.length > 2 ? (named[1] ?? accent) : accent,
  };
}

/** An emblem: ring, device, name, ribbon. Quoted texts go to the name first, then the ribbon. */
export function composeLogo(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const { ink, paper, accent } = inkAndPaper(picture);
  const round = picture.random.fork('badge').chance(0.7);
  const pen = Pen.at(stage, stage.width / 2, stage.height / 2, Math.min(stage.short, stage.mean) * 0.42);
  const [name, ribbon, ...more] = facts.quotes;
  return [
    { name: 'paper', paint: () => paintPaper(stage, paper, facts.styles.has('vintage') ? 0.5 : 0.22) },
    { name: 'ring', paint: () => (round ? paintRing(pen, ink, paper, accent) : paintFrame(pen, ink, accent)) },
    { name: 'device', paint: () => paintDevice(picture, pen, ink, accent, name !== undefined) },
    {
      name: 'name',
      paint: () => {
        if (name !== undefined)
          letter(stage, name, {
            x: pen.toX(0, 0),
            y: pen.toY(0, 0.28),
            size_px: pen.scale * 0.34,
            width_max: pen.scale * (round ? 1.52 : 1.7),
            paint: ink,
            family: facts.styles.has('flat') && !facts.styles.has('vintage') ? 'sans' : 'serif',
          });
        paintRibbon(picture, pen, ink, paper, ribbon ?? null);
        more.slice(0, 2).forEach((text, i) => {
          letter(stage, text, {
            x: pen.toX(0, 0),
            y: pen.toY(0, 0.8 + i * 0.12),
            size_px: pen.scale * 0.09,
            width_max: pen.scale * 0.9,
            paint: ink,
          });
        });
      },
    },
  ];
}

function paintRing(pen: Pen, ink: Color, paper: Color, accent: Color): void {
  pen.fill(ellipse(0, 0, 1.04), ink);
  pen.fill(ellipse(0, 0, 1.01), paper);
  pen.fill(ellipse(0, 0, 0.965), ink);
  pen.fill(ellipse(0, 0, 0.955), mix(paper, 0xffffff, 0.2));
  for (let i = 0; i < 72; i++) {
    const angle = (i / 72) * Math.PI * 2;
    pen.fill(ellipse(Math.cos(angle) * 0.915, Math.sin(angle) * 0.915, 0.011), accent);
  }
}

function paintFrame(pen: Pen, ink: Color, accent: Color): void {
  for (const [y, w] of [
    [-0.86, 0.9],
    [0.8, 0.9],
  ] as const) {
    pen.line([-w, y, w, y], 0.02, ink);
    pen.line([-w * 0.92, y + 0.05, w * 0.92, y + 0.05], 0.008, accent);
    pen.fill(star(0, y, 0.06, 4, 0.4), ink);
  }
}

/** The device in two or three inks, as a printer would cut it. */
function paintDevice(picture: Picture, pen: Pen, ink: Color, accent: Color, named: boolean): void {
  const subject = picture.facts.subjects.find((one) => one.kind !== 'sign' && figureOf(one.kind));
  const lift = named ? 0.03 : 0.42;
  if (!subject) {
    pen.fill(star(0, named ? -0.35 : 0, named ? 0.34 : 0.6, 8, 0.42), ink);
    pen.fill(ellipse(0, named ? -0.35 : 0, named ? 0.13 : 0.22), accent);
    return;
  }
  const figure = figureOf(subject.kind);
  if (!figure) return;
  const tall = Math.min(named ? 0.66 : 1.05, 1.15 / figure.aspect);
  const look = lookOf(picture, subject, 0);
  figure.paint(pen.within({ y: lift, scale: tall }), {
    ...look,
    colors: look.colors.length > 0 ? look.colors : subject.kind === 'cloche' ? [mix(ink, accent, 0.35)] : [],
  });
  const steams = picture.facts.weather.has('fog') || subject.kind === 'cloche' || subject.kind === 'coffee';
  if (!steams) return;
  for (const x of [-0.14, 0, 0.14]) {
    const top = lift - tall * 0.96;
    pen.line(
      [x, top, x + 0.05, top - 0.07, x - 0.04, top - 0.14, x + 0.03, top - 0.22],
      [0.008, 0.026, 0.022, 0.002],
      ink,
    );
  }
}

function paintRibbon(picture: Picture, pen: Pen, ink: Color, paper: Color, text: string | null): void {
  if (text === null) {
    for (const side of [-1, 1]) pen.line([side * 0.12, 0.55, side * 0.5, 0.55], [0.016, 0.002], ink);
    pen.fill(star(0, 0.55, 0.05, 5), ink);
    return;
  }
  for (const side of [-1, 1]) {
    pen.fill(
      polygon([side * 0.44, 0.53, side * 0.76, 0.53, side * 0.67, 0.62, side * 0.76, 0.71, side * 0.44, 0.71]),
      mix(ink, 0, 0.35),
    );
    pen.fill(polygon([side * 0.44, 0.66, side * 0.54, 0.66, side * 0.44, 0.71]), mix(ink, 0, 0.65));
  }
  pen.fill(rectangle(-0.54, 0.47, 1.08, 0.19), ink);
  for (const y of [0.49, 0.64]) pen.line([-0.51, y, 0.51, y], 0.005, paper);
  letter(picture.stage, text, {
    x: pen.toX(0, 0),
    y: pen.toY(0, 0.565),
    size_px: pen.scale * 0.125,
    width_max: pen.scale * 0.94,
    paint: paper,
    family: 'serif',
  });
}
