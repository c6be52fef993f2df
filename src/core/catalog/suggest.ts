/** "Did you mean": ids that are a small edit away once case, dots, dashes and slashes are out of the picture. */
const LENGTH_MAX = 100;

export function suggest(id: string, known: Iterable<string>, count = 3): readonly string[] {
  const asked = squash(id.slice(0, LENGTH_MAX));
  const allowed = Math.max(2, Math.floor(asked.length / 4));
  return [...known]
    .map((candidate) => ({ candidate, distance: distanceTo(asked, candidate) }))
    .filter(({ distance }) => distance <= allowed)
    .sort(
      (a, b) =>
        a.distance - b.distance || a.candidate.length - b.candidate.length || (a.candidate < b.candidate ? -1 : 1),
    )
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** People leave out the lab as often as they misspell the model, so the part after the slash counts by itself too. */
function distanceTo(asked: string, candidate: string): number {
  const tail = candidate.slice(candidate.indexOf('/') + 1);
  return Math.min(editDistance(asked, squash(candidate)), editDistance(asked, squash(tail)));
}

function squash(id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Levenshtein, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
