import type { Understanding } from '../../prompt/understand.ts';
import { figureOf } from '../figures/registry.ts';
import type { Layer, Picture } from '../picture.ts';
import { composeDiorama } from '../formats/diorama.ts';
import { composeInfographic } from '../formats/infographic.ts';
import { composeLogo } from '../formats/logo.ts';
import { composeMandala } from '../formats/mandala.ts';
import { composeMenu } from '../formats/menu.ts';
import { composeLandscape } from './landscape.ts';
import { composeStillLife } from './still-life.ts';

export type Composer = (picture: Picture) => Layer[];

const outdoors = new Set(['mountains', 'hills', 'forest', 'sea', 'lake', 'desert', 'meadow', 'city', 'street', 'rooftop', 'village', 'space', 'moon_surface', 'underwater']);

function isStillLife(facts: Understanding): boolean {
  const known = facts.subjects.flatMap((subject) => figureOf(subject.kind) ?? []);
  const small = known.filter((figure) => figure.habitat === 'table').length;
  if (facts.places.some((place) => outdoors.has(place))) return false;
  return facts.places.includes('table') || (known.length > 0 && small >= known.length / 2);
}

/** The first row that fits decides how the picture is built. */
const composers: readonly { readonly fits: (facts: Understanding) => boolean; readonly compose: Composer }[] = [
  { fits: (facts) => facts.format === 'menu', compose: composeMenu },
  { fits: (facts) => facts.format === 'infographic', compose: composeInfographic },
  { fits: (facts) => facts.format === 'logo', compose: composeLogo },
  { fits: (facts) => facts.format === 'mandala', compose: composeMandala },
  { fits: (facts) => facts.format === 'diorama', compose: composeDiorama },
  { fits: isStillLife, compose: composeStillLife },
];

export function chooseComposer(facts: Understanding): Composer {
  return composers.find((row) => row.fits(facts))?.compose ?? composeLandscape;
}
