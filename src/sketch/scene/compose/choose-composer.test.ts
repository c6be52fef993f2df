import { expect, test } from 'vitest';
import { understand } from '../../prompt/understand.ts';
import { composeCard } from '../formats/card.ts';
import { composeDiorama } from '../formats/diorama.ts';
import { composeInterior } from '../formats/interior.ts';
import { composeLogo } from '../formats/logo.ts';
import { chooseComposer } from './choose-composer.ts';
import { composeLandscape } from './landscape.ts';
import { composeStillLife } from './still-life.ts';

test.each([
  ['birthday card with the text Happy Birthday Ana', composeCard],
  ['three cats on a sofa', composeInterior],
  ['a sofa on a beach', composeLandscape],
  ['a dog surfing', composeLandscape],
  ['waterfall in a jungle', composeLandscape],
  ['isometric coffee shop', composeDiorama],
  ['logo for a bakery called Levain', composeLogo],
  ['a cup of coffee', composeStillLife],
])('%j', (prompt, composer) => {
  expect(chooseComposer(understand(prompt)).name).toBe(composer.name);
});
