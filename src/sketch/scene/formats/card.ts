import type { Subject } from '../../prompt/understand.ts';
import { mix } from '../../raster/color.ts';
import { ellipse, polygon, rectangle } from '../../raster/shapes.ts';
import { lookOf } from '../compose/place-figures.ts';
import { figureOf } from '../figures/registry.ts';
import { paintPaper } from '../layers/paper.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

const party = [0xe8505b, 0xf2b93a, 0x3f9ad0, 0x6ab04a, 0xa86ad0, 0xf08fb0] as const;

const greetings = [
  ['birthday', 'Happy Birthday'],
  ['thanks', 'Thank You'],
] as const;

/** A card for an occasion: bunting, the words large, balloons and a cake for birthdays, else what the prompt names. */
export function composeCard(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const { width, height } = stage;
  const paper = facts.background ?? picture.random.fork('card').pick([0xfdf3e3, 0xeaf4fb, 0xfbeaf0, 0xeef7ea]);
  const colors: readonly number[] = facts.colors.length > 1 ? facts.colors : party;
  const [title = greetings.find(([occasion]) => facts.symbols.has(occasion))?.[1] ?? null, ...more] = facts.quotes;
  return [
    { name: 'paper', paint: () => paintPaper(stage, paper, 0.2) },
    { name: 'bunting', paint: () => paintBunting(picture, colors) },
    { name: 'confetti', paint: () => paintConfetti(picture, colors) },
    { name: 'balloons', paint: () => (facts.symbols.has('birthday') ? paintBalloons(picture, colors) : undefined) },
    { name: 'subject', paint: () => paintSubject(picture) },
    {
      name: 'words',
      paint: () =>
        [title, ...more].slice(0, 3).forEach((text, i) => {
          if (text === null) return;
          letter(stage, text, {
            x: width / 2,
            y: height * (0.31 + i * 0.15),
            size_px: stage.mean * (i === 0 ? 0.13 : 0.07),
            width_max: width * 0.7,
            height_max: height * 0.24,
            wrap: text.length > 14,
            paint: mix(colors[0] ?? 0xe8505b, 0x2a1a30, 0.35),
            family: 'serif',
          });
        }),
    },
  ];
}

function paintBunting({ stage }: Picture, colors: readonly number[]): void {
  const pen = Pen.at(stage, stage.width / 2, 0, stage.mean);
  const half = stage.width / stage.mean / 2;
  const sag = (x: number): number => 0.1 - 0.06 * (x / half) ** 2;
  const count = Math.max(6, Math.round(half * 18));
  const at = (i: number): number => -half + (2 * half * i) / count;
  for (let i = 0; i < count; i++) {
    const [a, b] = [at(i), at(i + 1)];
    const color = colors[i % colors.length] ?? party[0];
    pen.form(polygon([a, sag(a), b, sag(b), (a + b) / 2, sag((a + b) / 2) + 0.085]), color, { puff: 0.3 });
    pen.line([a, sag(a), b, sag(b)], 0.006, 0x6a5a50);
  }
}

function paintConfetti(picture: Picture, colors: readonly number[]): void {
  const { stage } = picture;
  const random = picture.random.fork('confetti');
  for (let i = 0; i < 90; i++) {
    const pen = Pen.at(stage, random.next() * stage.width, random.next() * stage.height, stage.mean * 0.02);
    const shape = random.chance(0.5) ? ellipse(0, 0, 0.3) : rectangle(-0.4, -0.15, 0.8, 0.3);
    pen
      .within({ turn: random.between(0, 6) })
      .fill(shape, colors[random.whole(0, colors.length - 1)] ?? party[0], { opacity: 0.75 });
  }
}

function paintBalloons(picture: Picture, colors: readonly number[]): void {
  const { stage } = picture;
  const random = picture.random.fork('balloons');
  for (const [i, x] of [0.1, 0.21, 0.8, 0.9].entries()) {
    const y = stage.height * random.between(0.6, 0.76);
    const pen = Pen.at(stage, stage.width * x, y, stage.mean * 0.09);
    pen.line([0, 1.2, 0.12, 1.8, -0.1, 2.5, 0, 3.2], 0.03, 0x8a7a70);
    pen.form(ellipse(0, 0, 0.82, 1.05), colors[i % colors.length] ?? party[0], { puff: 1.2, gloss: 0.6 });
    pen.fill(polygon([0, 1, 0.14, 1.22, -0.14, 1.22]), colors[i % colors.length] ?? party[0]);
  }
}

/** The first thing named stands below the words, three of it at most; a birthday without one has its cake. */
function paintSubject(picture: Picture): void {
  const { stage, facts } = picture;
  const cake: Subject = { kind: 'cake', name: 'birthday cake', count: 1, colors: [], traits: [] };
  const named = facts.subjects.find(({ kind }) => kind !== 'sign' && figureOf(kind));
  const subject = named ?? (facts.symbols.has('birthday') ? cake : null);
  const figure = subject === null ? undefined : figureOf(subject.kind);
  if (subject === null || figure === undefined) return;
  const count = Math.min(3, subject.count);
  const tall = Math.min(stage.height * 0.4, (stage.width * 0.5) / (figure.aspect * count));
  for (let i = 0; i < count; i++) {
    const x = stage.width / 2 + (i - (count - 1) / 2) * tall * figure.aspect;
    figure.paint(Pen.at(stage, x, stage.height * 0.93, tall), lookOf(picture, subject, i));
  }
}
