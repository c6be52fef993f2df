import type { Understanding } from '../../prompt/understand.ts';
import type { Layer, Picture } from '../picture.ts';
import { composeLandscape } from './landscape.ts';

export type Composer = (picture: Picture) => Layer[];

/** The first row that fits decides how the picture is built. */
const composers: readonly { readonly fits: (facts: Understanding) => boolean; readonly compose: Composer }[] = [];

export function chooseComposer(facts: Understanding): Composer {
  return composers.find((row) => row.fits(facts))?.compose ?? composeLandscape;
}
