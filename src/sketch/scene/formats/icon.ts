import { mix } from '../../raster/color.ts';
import { ellipse, roundedRectangle } from '../../raster/shapes.ts';
import { castOf, lookOf } from '../compose/place-figures.ts';
import { paintPaper } from '../layers/paper.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';
import { harmonyOf } from './abstract.ts';

/** One subject on a rounded tile, as for an app or a sticker. */
export function composeIcon(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const [first, second] = harmonyOf(picture);
  const pen = Pen.at(stage, stage.width / 2, stage.height / 2, stage.short * 0.42);
  const [tile, deep] = [first ?? 0x4a8ae0, second ?? 0x2f5fb0];
  return [
    {
      name: 'tile',
      paint: () => {
        paintPaper(stage, facts.background ?? 0xf1f2f4, 0.12);
        pen.shadow(0.02, 0.12, 1.25, 0.45, 0.95);
        const shape = roundedRectangle(-1, -1, 2, 2, 0.46);
        pen.fill(
          shape,
          pen.linear(-0.6, -1, 0.6, 1, [
            [0, mix(tile, 0xffffff, 0.3)],
            [1, mix(tile, deep, 0.75)],
          ]),
        );
        pen.clipped(shape).fill(ellipse(-0.3, -0.9, 1.3, 0.8), 0xffffff, { opacity: 0.13 });
      },
    },
    {
      name: 'device',
      paint: () => {
        const one = castOf(facts)[0];
        const text = facts.quotes[0];
        if (one) {
          const size = Math.min(1.5, 1.6 / one.figure.aspect);
          one.figure.paint(pen.within({ y: size * 0.5, scale: size }), lookOf(picture, one.subject, 0));
        } else {
          letter(stage, text ?? '★', {
            x: pen.toX(0, 0),
            y: pen.toY(0, 0),
            size_px: pen.scale * 1.1,
            width_max: pen.scale * 1.6,
            paint: 0xffffff,
          });
        }
      },
    },
  ];
}
