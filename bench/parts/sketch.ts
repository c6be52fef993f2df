/** The painter on one core, encoding not counted, beside a plain gradient over the same frame. */
import { paintScene } from '../../src/sketch/scene/paint-scene.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { median, timeRuns } from '../support/statistics.ts';

const prompts = [
  'A beautiful sunset over mountains',
  'a cyberpunk cat at sunset, cinematic lighting',
  'A candid street photo of an elderly Japanese man repairing a red bicycle in light rain, reflections on wet pavement',
  'Vintage minimalist restaurant logo for "Caffè Florian", retro cloche dome with steam and "Est. 1720" banner',
];

const sizes = [
  { name: '1K', side: 1024, runs: 5, goal_ms: 150 },
  { name: '2K', side: 2048, runs: 3, goal_ms: null },
  { name: '4K', side: 4096, runs: 2, goal_ms: 2000 },
] as const;

export const sketch: BenchPart = {
  name: 'sketch',
  async run() {
    const figures: Figure[] = [];
    for (const { name, side, runs, goal_ms } of sizes) {
      const times: number[] = [];
      // One after the other: side by side, each would be charged with the others' work.
      for (const [seed, prompt] of prompts.entries()) {
        const runs_ms = await timeRuns(runs, 1, () => paintScene({ prompt, seed, width: side, height: side }));
        times.push(median(runs_ms));
      }
      const floor = median(await timeRuns(runs, 1, () => paintGradient(side)));
      figures.push(
        {
          name: `sketch ${name}, median of ${prompts.length} prompts`,
          value: median(times),
          unit: 'ms',
          ...(goal_ms === null ? {} : { goal: { below: goal_ms } }),
        },
        { name: `sketch ${name}, slowest prompt`, value: Math.max(...times), unit: 'ms' },
        {
          name: `sketch ${name} to a plain gradient`,
          value: median(times) / floor,
          unit: 'ratio',
          beside: 'one gradient in a plain loop',
        },
      );
    }
    return figures;
  },
};

/** The least that a picture costs: every byte of the frame written once, computed. */
function paintGradient(side: number): Uint8Array {
  const data = new Uint8Array(side * side * 4);
  for (let y = 0, i = 0; y < side; y++) {
    const shade = (y * 255) / side;
    for (let x = 0; x < side; x++, i += 4) {
      data[i] = shade;
      data[i + 1] = (x * 255) / side;
      data[i + 2] = 255 - shade;
      data[i + 3] = 255;
    }
  }
  return data;
}
