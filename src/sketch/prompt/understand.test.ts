import { describe, expect, it } from 'vitest';
import { understand } from './understand.ts';

const kinds = (prompt: string, negative?: string): string[] =>
  understand(prompt, negative).subjects.map((subject) => `${subject.count} ${subject.kind}`);

describe('understand', () => {
  it.each([
    ['a cyberpunk cat', ['1 cat']],
    ['three red cats and two blue birds', ['3 cat', '2 bird']],
    ['butterflies', ['3 butterfly']],
    ['a pair of wolves, 5 foxes', ['5 fox']],
    ['golden retriever puppy, tabby kitten, baby bunny, and red fox kit', ['1 dog', '1 cat', '1 bunny', '1 fox']],
    ['blue and yellow blocks', ['2 cube']],
    ['an elderly Japanese man repairing a red bicycle', ['1 old_man', '1 bicycle']],
    ['Un café con un gato', []],
  ])('counts the subjects of %j', (prompt, expected) => {
    expect(kinds(prompt)).toEqual(expected);
  });

  it.each([
    ['A beautiful sunset over mountains', { time: 'sunset', places: ['mountains'] }],
    ['mountains over, beautiful sunset a', { time: 'sunset', places: ['mountains'] }],
    ['golden sunset on a New York rooftop', { time: 'sunset', places: ['city', 'rooftop'] }],
    ['warm golden sunrise light', { time: 'dawn' }],
    ['a starry night', { time: 'night' }],
    ['autumn forest', { season: 'autumn', places: ['forest'] }],
    ['vector infographic poster about the Apollo 11 mission', { format: 'infographic', topic: 'Apollo 11 mission' }],
    ['Vintage restaurant logo on light background', { format: 'logo', background: 0xf5efe2 }],
    ['Solid light blue background', { background: 0xa9d3f0 }],
    ['Soft window light from the left', { light_side: -1 }],
    ['a hero with a chest emblem', { format: null }],
    ['minimalist poster of mount fuji', { places: ['mountains'] }],
    ['an astronaut on mars', { places: ['moon_surface'] }],
  ])('reads the facts of %j', (prompt, expected) => {
    expect(understand(prompt)).toMatchObject(expected);
  });

  it('knows where things stand, in both orders of a sentence', () => {
    const { subjects } = understand(
      'A glass cube on a wooden table. Inside the cube is a small blue sphere. On top of the cube sits a red book. A green plant is behind the cube.',
    );
    expect(subjects.map(({ kind, relation }) => [kind, relation?.kind, relation?.to])).toEqual([
      ['cube', undefined, undefined],
      ['sphere', 'inside', 0],
      ['book', 'on', 0],
      ['plant', 'behind', 0],
    ]);
    expect(subjects.map(({ colors }) => colors)).toEqual([[], [0x2f6fd0], [0xd8352f], []]);
  });

  it.each([
    ['birthday card with the text Happy Birthday Ana', ['Happy Birthday Ana']],
    ['a card with the words get well soon, in blue', ['get well soon']],
    ['logo for a bakery called Levain, warm colours', ['Levain']],
    ['a neon sign that says Open Late above a door', ['Open Late']],
    ['a cat called Minka on a sofa', []],
    ['a robot reading a book under a sign', []],
  ])('finds the text of %j without quotation marks', (prompt, expected) => {
    expect(understand(prompt).quotes).toEqual(expected);
  });

  it('knows who rides the wave', () => {
    const { subjects, places } = understand('a dog surfing');
    expect(places).toContain('sea');
    expect(subjects).toMatchObject([{ kind: 'dog', relation: { kind: 'riding', to: 1 } }, { kind: 'surfboard' }]);
  });

  it('leaves out what is negated or in the negative prompt', () => {
    expect(kinds('a cat and a dog', 'dogs')).toEqual(['1 cat']);
    expect(kinds('a beach without boats')).toEqual([]);
    expect(kinds('a chef and a dog', 'people')).toEqual(['1 dog']);
    expect(understand('a sign "OPEN"', 'text, watermark').quotes).toEqual([]);
    expect(understand('a street, rain', 'rain').weather.size).toBe(0);
  });

  it.each([
    ['logo for "Caffè Florian" with "Est. 1720" banner', ['Caffè Florian', 'Est. 1720']],
    ["'JAPAN' in large text, 'SUSHI' below it, Japan's dish", ['JAPAN', 'SUSHI']],
    ['“A whole prompt in quotes.”', []],
    ['pin labeled “Tranquility” only', ['Tranquility']],
    ['{"action":"draw","subject":"a red fox"}', []],
  ])('finds the texts to be written in %j', (prompt, quotes) => {
    expect(understand(prompt).quotes).toEqual(quotes);
  });

  it('reads JSON as prose', () => {
    expect(kinds('{"action":"draw","subject":"a red fox","place":{"where":"in snow"}}')).toEqual(['1 fox']);
    expect(kinds('{"broken": "a cat')).toEqual([]);
  });

  it('lists numbered steps, names and sections', () => {
    const facts = understand(
      'Steps: 1. Launch (rocket) 2. Earth Orbit (ring) 3. Landing (module). Crew with last names: Armstrong, Aldrin, Collins. Sections for appetizers/pizza/mains, bold fonts',
    );
    expect(facts.steps).toEqual(['Launch', 'Earth Orbit', 'Landing']);
    expect(facts.names).toEqual(['Armstrong', 'Aldrin', 'Collins']);
    expect(facts.sections).toEqual(['appetizers', 'pizza', 'mains']);
  });

  it.each(['', ' ', '🙂', '"', '[', '\u0000\ud800', 'a'.repeat(32_000), '猫が月を見ている', '1. 2. 3.'])(
    'takes anything: %j',
    (prompt) => {
      expect(() => understand(prompt, prompt)).not.toThrow();
    },
  );
});
