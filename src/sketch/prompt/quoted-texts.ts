const QUOTES =
  /"([^"\n]{1,80})"|“([^”\n]{1,80})”|«([^»\n]{1,80})»|(?:^|[\s(,:])'([^'\n]{1,60})'(?=$|[\s.,;:!?)])|`([^`\n]{1,60})`/gu;

/**
 * The texts that a prompt asks to be written, and the prompt without them. A prompt that is JSON is read as prose:
 * its keys and braces go, its values stay.
 */
export function quotedTexts(prompt: string): { readonly quotes: string[]; readonly rest: string } {
  const trimmed = prompt.trim();
  if (/^[[{]/.test(trimmed)) {
    const values = [...trimmed.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?/g)].filter((match) => match[2] === undefined);
    return { quotes: [], rest: values.map((match) => match[1] ?? '').join('. ') };
  }
  // A prompt that is one whole quotation is not a text to be written.
  const bare = /^“[^“]*”$/su.test(trimmed) || /^"[^"]*"$/s.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
  const quotes: string[] = [];
  const rest = bare.replace(QUOTES, (...groups: unknown[]) => {
    const text = groups.slice(1, 6).find((group) => typeof group === 'string');
    if (typeof text === 'string' && text.trim() !== '') quotes.push(text.trim());
    return ' ';
  });
  return { quotes: [...new Set(quotes)].slice(0, 12), rest };
}
