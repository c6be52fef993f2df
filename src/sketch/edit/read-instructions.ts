import { backgroundRules } from './background-rules.ts';
import { contentRules } from './content-rules.ts';
import type { EditRule } from './edit-rule.ts';
import { geometryRules } from './geometry-rules.ts';
import { lightRules } from './light-rules.ts';
import { figureRules, objectRules } from './object-rules.ts';
import { styleRules } from './style-rules.ts';
import { toneRules } from './tone-rules.ts';
import { weatherRules } from './weather-rules.ts';

export interface Instruction {
  readonly rule: EditRule;
  readonly match: RegExpExecArray;
  readonly clause: string;
  readonly amount: number;
}

/** In order of precedence where two match the same words: what names a thing before what names a mood. */
const rules: readonly EditRule[] = [
  ...contentRules,
  ...backgroundRules,
  ...geometryRules,
  ...objectRules,
  ...lightRules,
  ...weatherRules,
  ...styleRules,
  ...toneRules,
  ...figureRules,
];

/** Fields of a JSON prompt that say what must stay, or what the input is: their words ask for nothing. */
const silentFields =
  /^(?:preserve\w*|keep\w*|no_\w+|negative\w*|avoid\w*|reference\w*|action|input\w*|source\w*|model|size|aspect\w*)$/i;

/** Parts of a sentence that say what must not happen. */
const keptClause =
  /\b(?:(?:do not|don['’]t|never|without|no|avoid|not) (?:change|alter|add|adding|touch|use|any|changing|modify|face|new|gaze|hair)|keep(?:ing)?|preserv(?:e|ing)|maintain(?:ing)?|unchanged|as (?:it|they) (?:is|are)|remain(?:s)?|unless)\b[^.;\n]*/gi;

/**
 * What the prompt asks for, in its order. The same rule is done once unless it may repeat. Words that one rule has taken are blank for
 * those after it. `pictures` is how many references there are; what the negative prompt names is not done.
 */
export function readInstructions(prompt: string, pictures: number, negativePrompt = ''): Instruction[] {
  const text = proseOf(prompt).replace(keptClause, (kept) => (/["“«]/.test(kept) ? kept : ' '.repeat(kept.length)));
  const found: Instruction[] = [];
  const done = new Set<string>();
  let rest = text;
  for (const rule of rules) {
    if (negativePrompt.search(rule.words) >= 0) continue;
    for (const match of rest.matchAll(rule.words)) {
      if (match[0].trim() === '' || (done.has(rule.id) && !rule.repeats) || negated(text, match.index)) continue;
      if (found.length >= instructions_max || rule.accepts?.(match, pictures) === false) continue;
      done.add(rule.id);
      const end = match.index + match[0].length;
      rest = rest.slice(0, match.index) + ' '.repeat(match[0].length) + rest.slice(end);
      const clause = clauseAround(text, match.index, end);
      found.push({ rule, match, clause, amount: amountOf(clause) });
    }
  }
  const order = (instruction: Instruction) => instruction.match.index + (instruction.rule.rank ?? 0) * text.length;
  return found.sort((a, b) => order(a) - order(b));
}

/** Each costs a walk over the picture: a prompt of 32,000 characters must not ask for thousands. */
const instructions_max = 24;

/** A JSON prompt as sentences; anything else as it is. */
export function proseOf(prompt: string): string {
  const start = prompt.trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return prompt;
  try {
    return valuesOf(JSON.parse(prompt)).join('. ');
  } catch {
    return prompt;
  }
}

function valuesOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (depth > 8 || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, depth + 1));
  return Object.entries(value).flatMap(([key, item]) => (silentFields.test(key) ? [] : valuesOf(item, depth + 1)));
}

/** "no snow", "without rain": asked not to. */
function negated(text: string, at: number): boolean {
  return /\b(?:no|not|without|never|avoid|remove(?: the)?|less|don['’]t (?:add|make|use))\s+(?:any\s+)?$/i.test(
    text.slice(Math.max(0, at - 24), at),
  );
}

/** From the last full stop, comma or "and" before to the next after: where words like "left" and "slightly" belong. */
function clauseAround(text: string, from: number, to: number): string {
  const before =
    text
      .slice(0, from)
      .split(/[.;,\n]|\b(?:and|then)\b/i)
      .at(-1) ?? '';
  const after = text.slice(to).split(/[.;,\n]|\b(?:and|then)\b/i)[0] ?? '';
  return `${before}${text.slice(from, to)}${after}`.toLowerCase();
}

function amountOf(clause: string): number {
  if (
    /\b(?:slight(?:ly)?|a (?:bit|little|touch|few)|subtle|subtly|light(?:ly)?|soft(?:ly)?|gentle|gently|some)\b/.test(
      clause,
    )
  )
    return 0.6;
  if (
    /\b(?:very|much|strong(?:ly)?|heavy|heavily|intense|extreme(?:ly)?|lots? of|many|a lot|thick|dense)\b/.test(clause)
  )
    return 1.6;
  return 1;
}
