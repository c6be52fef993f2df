/** Whether one of the globs covers one of the names: `*` is any run of letters, slashes included; case does not count. */
export function matchesGlob(globs: readonly string[], names: readonly string[]): boolean {
  return globs.some((glob) => names.some((name) => covers(glob.toLowerCase(), name.toLowerCase())));
}

/** Each part is looked for after the one before it, at its first place: no glob can be made that takes long to try. */
function covers(glob: string, name: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  const tail = rest.pop();
  if (tail === undefined) return name === glob;
  if (!name.startsWith(head)) return false;
  let from = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.length - tail.length >= from && name.endsWith(tail);
}
