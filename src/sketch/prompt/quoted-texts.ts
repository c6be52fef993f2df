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
  if (quotes.length === 0) return unquotedText(rest);
  return { quotes: [...new Set(quotes)].slice(0, 12), rest };
}

const TITLE = String.raw`\p{Lu}[\p{L}\p{N}'’&]*(?:\s+(?:[\p{Lu}\p{N}&][\p{L}\p{N}'’]*|of|the|and|de|la)(?![\p{L}\p{N}]))*`;
/** Ways to ask for a text without quotation marks: what follows is capitalised, or runs to the end of the clause. */
const UNQUOTED: readonly RegExp[] = [
  new RegExp(String.raw`\b(?:called|named|titled|entitled|saying|says|(?:that |which )reads)[ :]+(${TITLE})`, 'u'),
  new RegExp(
    String.raw`\b(?:the|with|a) (?:text|words?|message|caption|lettering|inscription|title)[ :]+(${TITLE})`,
    'u',
  ),
  /\bwith the (?:text|words|message|caption|inscription)[ :]+((?:(?! (?:in|on|at|above|below|under|over|with|written) )[^.,;:\n]){2,48})/iu,
];
/** A person or a pet has a name without wearing it; shops, cards and signs show theirs. */
const SHOWN =
  /\b(?:logo|sign|poster|card|cover|banner|label|badge|emblem|menu|invitation|flyer|icon|text|words?|message)\b/i;

function unquotedText(prompt: string): { readonly quotes: string[]; readonly rest: string } {
  for (const pattern of SHOWN.test(prompt) ? UNQUOTED : []) {
    const text = pattern.exec(prompt)?.[1]?.trim();
    if (text !== undefined && text !== '') return { quotes: [text], rest: prompt.replace(text, ' ') };
  }
  return { quotes: [], rest: prompt };
}
