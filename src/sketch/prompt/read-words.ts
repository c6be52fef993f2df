import type { Group } from './vocabulary.ts';
import { colorWords, numberWords, relationWords, vocabulary } from './vocabulary.ts';

export interface Sense {
  readonly group: Group | 'color' | 'number' | 'relation' | 'negation' | 'article';
  readonly meaning: string;
}

export interface Reading {
  /** The words as found, lower case. */
  readonly phrase: string;
  readonly senses: readonly Sense[];
  /** Position of the first word, and how many sentences came before. */
  readonly at: number;
  readonly sentence: number;
  /** Written as a plural. */
  readonly plural: boolean;
}

const PHRASE_WORDS_MAX = 4;

function buildLexicon(): ReadonlyMap<string, readonly Sense[]> {
  const lexicon = new Map<string, Sense[]>();
  const add = (phrase: string, sense: Sense): void => {
    const senses = lexicon.get(phrase) ?? [];
    if (!senses.some((known) => known.group === sense.group)) senses.push(sense);
    lexicon.set(phrase, senses);
  };
  for (const [group, meanings] of Object.entries(vocabulary)) {
    for (const [meaning, phrases] of Object.entries(meanings as Record<string, string>)) {
      // Object.entries widens the key; vocabulary's own keys are the groups.
      for (const phrase of phrases.split(', ')) add(phrase, { group: group as Group, meaning });
    }
  }
  for (const color of Object.keys(colorWords)) add(color, { group: 'color', meaning: color });
  for (const word of Object.keys(numberWords)) add(word, { group: 'number', meaning: word });
  for (const [relation, phrases] of Object.entries(relationWords)) {
    for (const phrase of phrases.split(', ')) add(phrase, { group: 'relation', meaning: relation });
  }
  for (const word of ['no', 'without', 'not', 'except', 'never', 'avoid'])
    add(word, { group: 'negation', meaning: word });
  for (const word of ['a', 'an', 'one', 'single', 'the', 'another']) add(word, { group: 'article', meaning: word });
  return lexicon;
}

const lexicon = buildLexicon();

const irregular: Readonly<Record<string, string>> = {
  people: 'people',
  men: 'man',
  women: 'woman',
  children: 'child',
  leaves: 'leaf',
  wolves: 'wolf',
  mice: 'mouse',
  geese: 'goose',
  feet: 'foot',
  glasses: 'glasses',
  sunglasses: 'sunglasses',
  kitties: 'kitty',
};

/** The singular forms that a word may be a plural of, itself first. */
export function singularsOf(word: string): readonly string[] {
  const forms = [word];
  const known = irregular[word];
  if (known !== undefined) forms.push(known);
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
  if (/(s|x|z|ch|sh|o)es$/.test(word)) forms.push(word.slice(0, -2));
  if (word.endsWith('ves')) forms.push(`${word.slice(0, -3)}f`);
  if (word.endsWith('s') && !word.endsWith('ss')) forms.push(word.slice(0, -1));
  return forms;
}

/** Words in lower case without accents; sentence ends stay as `.` so that a clause can be told from the next. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.match(/[\p{L}\p{N}]+(?:[-&'’][\p{L}\p{N}]+)*|[.;!?\n]/gu) ?? [];
}

function lookUp(
  words: readonly string[],
  at: number,
  length: number,
): { senses: readonly Sense[]; plural: boolean } | null {
  const head = words.slice(at, at + length - 1);
  const last = words[at + length - 1] ?? '';
  for (const form of singularsOf(last)) {
    const senses = lexicon.get([...head, form].join(' '));
    if (senses) return { senses, plural: form !== last };
  }
  return null;
}

export interface ReadText {
  readonly words: readonly string[];
  readonly readings: readonly Reading[];
  /** Words of the text that mean nothing to the painter. */
  readonly unknown: readonly string[];
}

/** Finds every known phrase, the longest first at each place; hyphenated words are tried whole, then in parts. */
export function readWords(text: string): ReadText {
  const raw = wordsOf(text);
  const words: string[] = [];
  for (const word of raw) {
    if (word.includes('-') && !lookUp([word], 0, 1)) words.push(...word.split('-'));
    else words.push(word);
  }
  const readings: Reading[] = [];
  const unknown: string[] = [];
  let sentence = 0;
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? '';
    if (/^[.;!?\n]$/.test(word)) {
      sentence++;
      at++;
      continue;
    }
    let length = Math.min(PHRASE_WORDS_MAX, words.length - at);
    let found = lookUp(words, at, length);
    while (!found && length > 1) found = lookUp(words, at, --length);
    if (found) {
      readings.push({
        phrase: words.slice(at, at + length).join(' '),
        senses: found.senses,
        at,
        sentence,
        plural: found.plural,
      });
    } else if (/^\d{1,2}$/.test(word)) {
      readings.push({ phrase: word, senses: [{ group: 'number', meaning: word }], at, sentence, plural: false });
    } else {
      unknown.push(word);
    }
    at += Math.max(1, length);
  }
  return { words, readings, unknown };
}
