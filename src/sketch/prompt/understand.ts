import { hashText } from '../raster/random.ts';
import { quotedTexts } from './quoted-texts.ts';
import type { Reading } from './read-words.ts';
import { readWords } from './read-words.ts';
import type { Group, Meaning, PlaceKind, Relation, SubjectKind } from './vocabulary.ts';
import { colorWords, numberWords } from './vocabulary.ts';

export interface Subject {
  readonly kind: SubjectKind;
  /** The words that named it, e.g. `tabby kitten`. */
  readonly name: string;
  count: number;
  /** Packed 0xRRGGBB, in the order of the words. */
  readonly colors: number[];
  /** Adjectives near it that a figure may care for: small, big, glass, young ... */
  readonly traits: string[];
  /** Where it stands, seen from another subject (index into `subjects`). */
  relation?: { readonly kind: Relation; readonly to: number };
}

export interface Understanding {
  readonly time: Meaning<'time'> | null;
  readonly sky: ReadonlySet<Meaning<'sky'>>;
  readonly weather: ReadonlySet<Meaning<'weather'>>;
  readonly season: Meaning<'season'> | null;
  /** In the order of mention. */
  readonly places: readonly PlaceKind[];
  readonly subjects: readonly Subject[];
  readonly styles: ReadonlySet<Meaning<'style'>>;
  readonly format: Meaning<'format'> | null;
  readonly mood: ReadonlySet<Meaning<'mood'>>;
  readonly symbols: ReadonlySet<Meaning<'symbol'>>;
  /** Texts to be written in the picture, in order. */
  readonly quotes: readonly string[];
  /** Numbered or listed steps of an infographic, without their numbers. */
  readonly steps: readonly string[];
  /** Every colour named, in order. */
  readonly colors: readonly number[];
  /** The colour of the background, where the prompt names one. */
  readonly background: number | null;
  /** What a poster or a chart is about, e.g. `Apollo 11 mission`. */
  readonly topic: string | null;
  /** Names that the prompt wants shown, and the headings of a menu. */
  readonly names: readonly string[];
  readonly sections: readonly string[];
  /** The side that the prompt lights from: -1 left, 1 right. */
  readonly light_side: -1 | 1 | null;
  /** Words that the painter does not know; they still steer an abstract picture. */
  readonly unknown: readonly string[];
  /** Of the whole prompt, for choices that should differ between prompts. */
  readonly hash: number;
}

const traitWords = new Set(
  'small tiny little big large huge giant glass transparent crystal young old elderly baby fluffy wooden metal cyberpunk red-haired blonde striped spotted standing sitting lying'.split(
    ' ',
  ),
);

const FORMAT_ORDER: readonly Meaning<'format'>[] = [
  'menu',
  'infographic',
  'logo',
  'card',
  'mandala',
  'diorama',
  'pattern',
  'icon',
  'poster',
  'abstract',
  'portrait',
];

/** Reads a prompt into facts. Never throws: what is not understood is kept in `unknown`. */
export function understand(prompt: string, negativePrompt = ''): Understanding {
  const { quotes, rest } = quotedTexts(prompt);
  const read = readWords(rest);
  const banned = bannedMeanings(read.readings, negativePrompt);
  const readings = read.readings.filter(
    (reading) => !reading.senses.some((sense) => banned.has(`${sense.group}:${sense.meaning}`)),
  );
  const all = <G extends Group>(group: G): Meaning<G>[] => {
    const found = new Set<string>();
    for (const reading of readings)
      for (const sense of reading.senses) if (sense.group === group) found.add(sense.meaning);
    // The lexicon is built from the vocabulary, so a group's meanings are its own keys.
    return [...found] as Meaning<G>[];
  };
  const formats = all('format');
  return {
    time: dominantTime(all('time')),
    sky: new Set(all('sky')),
    weather: new Set(all('weather')),
    season: all('season')[0] ?? null,
    places: all('place'),
    subjects: subjectsOf(readings, read.words),
    styles: new Set(all('style')),
    format: FORMAT_ORDER.find((format) => formats.includes(format)) ?? null,
    mood: new Set(all('mood')),
    symbols: new Set(all('symbol')),
    quotes: /\b(?:text|words|letters|lettering|writing)\b/i.test(negativePrompt) ? [] : quotes,
    steps: stepsOf(prompt),
    colors: colorsOf(readings),
    background: backgroundOf(rest),
    topic: topicOf(prompt),
    names: listAfter(prompt, /\bnames?\s*:\s*([^.\n•]+)/i),
    sections: listAfter(prompt, /\bsections?\s+(?:for|like|such as|named|:)?\s*([^.,\n;]+)/i),
    light_side: /(?:light|lit|sun|illuminat)[^.]{0,40}from (?:the )?left/i.test(rest)
      ? -1
      : /(?:light|lit|sun|illuminat)[^.]{0,40}from (?:the )?right/i.test(rest)
        ? 1
        : null,
    unknown: read.unknown,
    hash: hashText(prompt.trim().toLowerCase()),
  };
}

/** Words that forbid a whole family: `no people` also means no chef. */
const families: readonly { readonly words: RegExp; readonly meanings: readonly string[] }[] = [
  {
    words: /\b(?:people|person|humans?)\b/,
    meanings: ['man', 'woman', 'old_man', 'child', 'superhero', 'chef', 'portrait', 'astronaut'].map(
      (kind) => `subject:${kind}`,
    ),
  },
  {
    words: /\banimals?\b/,
    meanings: [
      'cat',
      'dog',
      'bunny',
      'fox',
      'bear',
      'lion',
      'tiger',
      'owl',
      'bird',
      'fish',
      'horse',
      'deer',
      'elephant',
    ].map((kind) => `subject:${kind}`),
  },
];

/** `no X`, `without X` in the prompt, and every meaning in the negative prompt. */
function bannedMeanings(readings: readonly Reading[], negativePrompt: string): ReadonlySet<string> {
  const banned = new Set<string>();
  const ban = (reading: Reading): void => {
    for (const sense of reading.senses) if (sense.group !== 'article') banned.add(`${sense.group}:${sense.meaning}`);
  };
  for (const reading of readWords(negativePrompt).readings) ban(reading);
  for (const family of families) {
    if (family.words.test(negativePrompt.toLowerCase())) for (const meaning of family.meanings) banned.add(meaning);
  }
  readings.forEach((reading, index) => {
    const next = readings[index + 1];
    const near = next !== undefined && next.at - reading.at <= 3 && next.sentence === reading.sentence;
    if (reading.senses[0]?.group === 'negation' && near) ban(next);
  });
  return banned;
}

/** When several are named, the one that says most about the light wins: `golden sunset`, `sunlight at night`. */
function dominantTime(times: readonly Meaning<'time'>[]): Meaning<'time'> | null {
  const order = ['sunset', 'dawn', 'night', 'dusk', 'golden', 'day'] as const;
  return order.find((time) => times.includes(time)) ?? null;
}

const senseOf = (reading: Reading, group: Reading['senses'][number]['group']): string | undefined =>
  reading.senses.find((sense) => sense.group === group)?.meaning;

function colorsOf(readings: readonly Reading[]): number[] {
  const colors = readings.flatMap((reading) => colorWords[senseOf(reading, 'color') ?? ''] ?? []);
  return [...new Set(colors)];
}

function subjectsOf(readings: readonly Reading[], words: readonly string[]): Subject[] {
  const subjects: Subject[] = [];
  let pendingColors: number[] = [];
  let pendingCount = 0;
  let definite = false;
  let relation: Relation | null = null;
  let sentence = -1;
  let lastIndex = -1;
  let leading: { kind: Relation; to: number } | null = null;
  let lastAt = -9;
  for (const reading of readings) {
    if (reading.sentence !== sentence) {
      sentence = reading.sentence;
      [relation, leading, lastIndex, pendingColors, pendingCount] = [null, null, -1, [], 0];
    }
    const color = colorWords[senseOf(reading, 'color') ?? ''];
    const kind = senseOf(reading, 'subject') as SubjectKind | undefined; // the lexicon's subject meanings are the keys
    if (color !== undefined && kind === undefined) {
      if (reading.at - lastAt > 4) pendingColors = [];
      pendingColors.push(color);
      lastAt = reading.at + reading.phrase.split(' ').length - 1;
      continue;
    }
    const number = senseOf(reading, 'number');
    if (number !== undefined) pendingCount = numberWords[number] ?? Math.min(12, Number(number) || 1);
    const article = senseOf(reading, 'article');
    if (article !== undefined) definite = article === 'the';
    const relationKind = senseOf(reading, 'relation') as Relation | undefined; // built from relationWords' own keys
    if (relationKind !== undefined && !(relation !== null && relationKind === 'beside')) relation = relationKind;
    if (kind === undefined) continue;
    const known = subjects.findIndex((subject) => subject.kind === kind);
    let index = known;
    if (known < 0) {
      const traits = words.slice(Math.max(0, reading.at - 4), reading.at + 2).filter((word) => traitWords.has(word));
      const near = reading.at - lastAt <= 3;
      const several = near && pendingColors.length > 1 ? pendingColors.length : 3;
      const count = pendingCount > 0 ? pendingCount : reading.plural ? several : 1;
      subjects.push({
        kind,
        name: reading.phrase,
        count,
        colors: near ? pendingColors : [],
        traits: [...traits, ...reading.phrase.split(' ')],
      });
      index = subjects.length - 1;
    } else if (!definite && pendingColors.length > 0 && reading.at - lastAt <= 2) {
      subjects[known]?.colors.push(...pendingColors);
      const again = subjects[known];
      if (again && again.colors.length > again.count) again.count = Math.min(8, again.colors.length);
    }
    const subject = subjects[index];
    if (relation !== null && lastIndex < 0) leading = { kind: relation, to: index };
    else if (leading !== null && subject && !subject.relation && leading.to !== index) {
      subject.relation = leading;
      leading = null;
    } else if (relation !== null && lastIndex >= 0 && lastIndex !== index) {
      const before = subjects[lastIndex];
      if (before && !before.relation && subject?.relation?.to !== lastIndex)
        before.relation = { kind: relation, to: index };
    }
    [relation, lastIndex, pendingColors, pendingCount, definite] = [null, index, [], 0, false];
  }
  return subjects;
}

/** `1. Launch (Saturn V icon) 2. Earth Orbit ...`: the words before each parenthesis. */
function stepsOf(prompt: string): string[] {
  const steps: string[] = [];
  for (const match of prompt.matchAll(
    /(?:^|\s)(\d{1,2})[.)]\s+([^\n(•;:]{2,40}?)(?=\s*(?:\(|\d{1,2}[.)]\s|[\n;•.,:]|$))/g,
  )) {
    if (Number(match[1]) === steps.length + 1) steps.push((match[2] ?? '').trim());
  }
  return steps.length >= 2 ? steps.slice(0, 12) : [];
}

function topicOf(prompt: string): string | null {
  const match =
    /(?:poster|infographic|diagram|timeline|chart|flyer|cover|menu|logo)\s+(?:about|on|of|for|explaining|showing)\s+(?:how\s+)?(?:the\s+|an?\s+)?([^.,;:\n"“]{3,48})/i.exec(
      prompt,
    );
  return match?.[1]?.trim() ?? null;
}

function listAfter(prompt: string, pattern: RegExp): string[] {
  const found = pattern.exec(prompt)?.[1] ?? '';
  return found
    .split(/\s*(?:[,/&]|\band\b)\s*/)
    .map((word) => word.trim())
    .filter((word) => word.length > 1 && word.length < 28)
    .slice(0, 6);
}

function backgroundOf(text: string): number | null {
  const match = /((?:light |dark |soft |solid |plain |pure )*)(\p{L}+) (?:neutral )?background/iu.exec(text);
  if (!match) return null;
  const shade = /light|dark/i.exec(match[1] ?? '')?.[0]?.toLowerCase();
  const word = (match[2] ?? '').toLowerCase();
  if (word === 'neutral') return 0xe9e2d6;
  if (word === 'light') return 0xf5efe2;
  if (word === 'dark') return 0x22242c;
  return colorWords[`${shade ?? ''} ${word}`.trim()] ?? colorWords[word] ?? null;
}
