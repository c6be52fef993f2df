import type { Understanding } from '../prompt/understand.ts';
import type { Hour } from './atmosphere.ts';

const spoken = (word: string): string => word.replaceAll('_', ' ');

/** What was understood, a fact a line, for people and tests. */
export function describe(facts: Understanding, hour: Hour): string[] {
  const lines = [`light: ${hour}`];
  const list = (label: string, items: Iterable<string>): void => {
    const words = [...items].map(spoken);
    if (words.length > 0) lines.push(`${label}: ${words.join(', ')}`);
  };
  list('place', facts.places);
  list('sky', facts.sky);
  list('weather', facts.weather);
  if (facts.season) lines.push(`season: ${facts.season}`);
  for (const subject of facts.subjects) {
    const colors = subject.colors.map((color) => `#${color.toString(16).padStart(6, '0')}`).join(' ');
    const other = subject.relation ? facts.subjects[subject.relation.to] : undefined;
    const where = other ? `, ${subject.relation?.kind} ${spoken(other.kind)}` : '';
    lines.push(`${spoken(subject.kind)}: ${subject.count}${colors ? `, ${colors}` : ''}${where}`);
  }
  list('style', facts.styles);
  if (facts.format) lines.push(`format: ${facts.format}`);
  list('mood', facts.mood);
  for (const quote of facts.quotes) lines.push(`text: ${quote}`);
  if (facts.steps.length > 0) list('steps', facts.steps);
  return lines;
}
