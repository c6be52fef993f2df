import { blurCanvas } from '../../raster/blur.ts';
import { mix } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { composeLandscape } from '../compose/landscape.ts';
import { lookOf } from '../compose/place-figures.ts';
import { placeTexts } from '../compose/place-texts.ts';
import { paintHead } from '../figures/head.ts';
import { headFor } from '../figures/head-for.ts';
import { paintSky } from '../layers/sky.ts';
import { paintSparkles } from '../layers/weather.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

const kinds = new Set(['man', 'woman', 'old_man', 'child', 'superhero', 'chef']);

/** Head and shoulders before a background out of focus. */
export function composePortrait(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const person = facts.subjects.find((subject) => kinds.has(subject.kind)) ?? {
    kind: picture.random.fork('who').pick(['woman', 'man'] as const),
    name: 'person',
    count: 1,
    colors: [],
    traits: [],
  };
  const scene = facts.places.length > 0 ? composeLandscape({ ...picture, facts: { ...facts, subjects: [] } }) : [];
  return [
    { name: 'sky', paint: () => paintSky(stage, picture.air, stage.height) },
    ...scene,
    {
      name: 'focus',
      paint: () => {
        if (scene.length > 0) blurCanvas(stage.canvas, Math.max(2, stage.mean * 0.022));
        paintSparkles(stage, 0, 26, mix(picture.air.sun, picture.air.sky[2], 0.4), 0.035);
      },
    },
    {
      name: person.kind,
      paint: () => {
        const head = Math.min(stage.height * 0.44, stage.width * 0.5);
        const random = picture.random.fork('sitter');
        const pen = Pen.at(
          stage,
          stage.width * (0.5 + random.between(-0.06, 0.06)),
          stage.height * 0.44,
          head,
          random.chance(0.5),
          random.between(-0.05, 0.05),
        );
        const look = lookOf(picture, person, 0);
        const spec = headFor(look, person.kind);
        const cloth = person.colors[0] ?? random.pick([0x3a4a6a, 0x7a3a3a, 0x3f5f50, 0xd9cbb4, 0x4a3f5a]);
        const far = (stage.height - pen.toY(0, 0)) / head + 0.3;
        glow(stage.canvas, pen.toX(0.4 * picture.side, 0), pen.toY(0, -0.3), head * 1.3, picture.air.lit, 0.35);
        pen.limb([0, 0.3, 0, 0.72], [0.4, 0.46], mix(spec.skin, 0x7a3a2a, 0.2), { puff: 1.1 });
        pen.shape(
          [-0.2, 0.6, 0, 0.74, 0.2, 0.6, 0.52, 0.7, 0.86, 0.9, 1, far, -1, far, -0.86, 0.9, -0.52, 0.7],
          cloth,
          { puff: 0.8 },
        );
        for (const side of [-1, 1])
          pen.shape(
            [side * 0.18, 0.56, side * 0.3, 0.68, side * 0.1, 0.98, side * 0.02, 0.8],
            mix(cloth, 0xffffff, 0.25),
            { puff: 0.8 },
          );
        paintHead(pen, { ...spec, ...(facts.styles.has('neon') ? { visor: true } : {}) });
      },
    },
    ...placeTexts(picture),
  ];
}
