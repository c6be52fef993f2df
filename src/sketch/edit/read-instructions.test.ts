import { expect, test } from 'vitest';
import { readInstructions } from './read-instructions.ts';

const ids = (prompt: string, pictures = 1) => readInstructions(prompt, pictures).map(({ rule }) => rule.id);

test.each<[string, string[]]>([
  ['make it night and add snow', ['time', 'snow']],
  ['Add a cat, then make it black and white', ['figures', 'black-and-white']],
  ['Swap the positions of the blue and yellow blocks', ['swap']],
  ['make the red car blue', ['recolour']],
  ['no snow please, but make it a sunset', ['time']],
  ['brighten it; keep the sky dark and moody', ['brighter']],
  ['write "night of stars" at the top', ['text']],
  ['a white frame around it, with more contrast', ['contrast-up', 'frame']],
  ['replace the background with a sunny beach', ['background']],
  ['remove the background', ['background']],
  ['Add dynamic motion to this photo: make hair blow in the wind, add leaves flying', ['motion', 'leaves']],
  ['Transform this photo into a Studio Ghibli–inspired illustration. Use soft pastel colors', ['style']],
  [
    '{"action":"image_edit","change":"make it night","no_changes":"no snow, no rain","style":"watercolor"}',
    ['time', 'style'],
  ],
  ['xyzzy', []],
])('%s', (prompt, wanted) => {
  expect(ids(prompt)).toEqual(wanted);
});

test('what the negative prompt names is not done', () => {
  const done = readInstructions('make it night with snow', 1, 'snow, blurry').map(({ rule }) => rule.id);
  expect(done).toEqual(['time']);
});

test('how much is read from the words around', () => {
  const amounts = readInstructions('slightly brighter, and very dark fog with much more contrast', 1).map(
    ({ amount }) => amount,
  );
  expect(amounts[0]).toBeLessThan(1);
  expect(amounts.at(-1)).toBeGreaterThan(1);
});

test.each([
  'make the red add "text change swap background of the photo of ',
  'swap red ',
  'change ',
  'make red blue. ',
  'put it ',
  'rotate ',
  'old photo black white frame ',
  'add ',
  'the (((((" ',
  'a'.repeat(99),
])('32,000 characters of "%s" are read in little time, and ask for little', (words) => {
  const started = process.cpuUsage().user;
  const found = readInstructions(words.repeat(Math.ceil(32_000 / words.length)), 1);
  expect(process.cpuUsage().user - started).toBeLessThan(1_500_000);
  expect(found.length).toBeLessThanOrEqual(24);
});
