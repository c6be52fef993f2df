import type { Understanding } from '../../prompt/understand.ts';
import { figureOf } from '../figures/registry.ts';
import { composeAbstract } from '../formats/abstract.ts';
import { composeCard } from '../formats/card.ts';
import { composeDiorama } from '../formats/diorama.ts';
import { composeGreenhouse } from '../formats/greenhouse.ts';
import { composeIcon } from '../formats/icon.ts';
import { composeInfographic } from '../formats/infographic.ts';
import { composeInterior } from '../formats/interior.ts';
import { composeLogo } from '../formats/logo.ts';
import { composeMandala } from '../formats/mandala.ts';
import { composeMenu } from '../formats/menu.ts';
import { composePortrait } from '../formats/portrait.ts';
import type { Layer, Picture } from '../picture.ts';
import { composeLandscape } from './landscape.ts';
import { composeStillLife } from './still-life.ts';

export type Composer = (picture: Picture) => Layer[];

const outdoors = new Set([
  'mountains',
  'hills',
  'forest',
  'sea',
  'lake',
  'desert',
  'meadow',
  'city',
  'street',
  'rooftop',
  'village',
  'space',
  'moon_surface',
  'underwater',
]);

function isStillLife(facts: Understanding): boolean {
  const known = facts.subjects.flatMap((subject) => figureOf(subject.kind) ?? []);
  const small = known.filter((figure) => figure.habitat === 'table').length;
  if (facts.places.some((place) => outdoors.has(place))) return false;
  const alive = known.some((figure) => figure.habitat === 'ground' || figure.habitat === 'road');
  if (facts.format === 'poster' && facts.time !== null) return false;
  if (alive && facts.places.includes('interior')) return false;
  return facts.places.includes('table') || (known.length > 0 && small >= known.length / 2);
}

/** Head and shoulders, unless the whole body, a scene of several or an animal is asked for. */
function isPortrait(facts: Understanding): boolean {
  const cast = facts.subjects.filter((subject) => subject.kind !== 'portrait' && figureOf(subject.kind));
  const body = /^(?:superhero|astronaut|robot)$/.test(cast[0]?.kind ?? '') || facts.unknown.includes('body');
  const person = cast.length === 0 || (cast.length === 1 && /man|woman|child|chef/.test(cast[0]?.kind ?? ''));
  return facts.format === 'portrait' && person && !body;
}

/** Nothing in it that could be drawn. */
function isFormless(facts: Understanding): boolean {
  return (
    facts.subjects.every((subject) => !figureOf(subject.kind)) &&
    facts.places.length === 0 &&
    facts.sky.size === 0 &&
    facts.weather.size === 0 &&
    facts.time === null &&
    facts.season === null
  );
}

/** The first row that fits decides how the picture is built. */
const composers: readonly { readonly fits: (facts: Understanding) => boolean; readonly compose: Composer }[] = [
  { fits: (facts) => facts.format === 'menu', compose: composeMenu },
  { fits: (facts) => facts.format === 'infographic', compose: composeInfographic },
  { fits: (facts) => facts.format === 'logo', compose: composeLogo },
  { fits: (facts) => facts.format === 'card', compose: composeCard },
  { fits: (facts) => facts.format === 'icon', compose: composeIcon },
  { fits: (facts) => facts.format === 'mandala', compose: composeMandala },
  { fits: (facts) => facts.format === 'diorama', compose: composeDiorama },
  { fits: (facts) => facts.places.includes('greenhouse'), compose: composeGreenhouse },
  { fits: isPortrait, compose: composePortrait },
  {
    fits: (facts) => facts.format === 'abstract' || facts.format === 'pattern' || isFormless(facts),
    compose: composeAbstract,
  },
  { fits: isStillLife, compose: composeStillLife },
  {
    fits: (facts) =>
      facts.places[0] === 'interior' ||
      ((facts.places.includes('interior') || facts.subjects.some((subject) => subject.kind === 'sofa')) &&
        !facts.places.some((place) => outdoors.has(place))),
    compose: composeInterior,
  },
];

export function chooseComposer(facts: Understanding): Composer {
  return composers.find((row) => row.fits(facts))?.compose ?? composeLandscape;
}
