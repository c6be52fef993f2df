/**
 * Text for a `jsonb` column. Always text, since node-postgres would write an array as a PostgreSQL array; and always
 * text that PostgreSQL can hold, since it refuses NUL and half surrogates, which JSON allows.
 */
export function json(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return storable(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([name, field]) => [storable(name), field]));
  });
}

/** The same text with what PostgreSQL cannot hold replaced by U+FFFD. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
