/** Of unsorted values; the mean of the middle two when there is no middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** Milliseconds of each run, after runs that are not counted. */
export async function timeRuns(runs: number, warmups: number, work: () => unknown): Promise<number[]> {
  for (let i = 0; i < warmups; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times;
}

/** Two kinds of work in turn, so that a drifting machine does both alike; the medians of each. */
export async function timeBeside(
  runs: number,
  ours: () => unknown,
  floor: () => unknown,
): Promise<{ readonly ours_ms: number; readonly floor_ms: number; readonly ratio: number }> {
  await ours();
  await floor();
  const pairs: { readonly ours: number; readonly floor: number }[] = [];
  for (let i = 0; i < runs; i++) {
    const [a] = await timeRuns(1, 0, ours);
    const [b] = await timeRuns(1, 0, floor);
    pairs.push({ ours: a ?? Number.NaN, floor: b ?? Number.NaN });
  }
  return {
    ours_ms: median(pairs.map(({ ours: time }) => time)),
    floor_ms: median(pairs.map(({ floor: time }) => time)),
    ratio: median(pairs.map(({ ours: a, floor: b }) => a / b)),
  };
}
