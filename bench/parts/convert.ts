/** Our conversion, label included, beside bare sharp with the same encoder settings on the same pixels. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import type { PictureFormat, Pixels } from '../../src/contracts/media.ts';
import { convertPicture, encoders } from '../../src/media/convert-picture.ts';
import { paintScene } from '../../src/sketch/scene/paint-scene.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { timeBeside } from '../support/statistics.ts';

const formats: readonly PictureFormat[] = ['png', 'jpeg', 'webp', 'avif', 'gif'];
const sides = [
  { name: '1K', side: 1024, runs: 5 },
  { name: '4K', side: 4096, runs: 2 },
] as const;

export const convert: BenchPart = {
  name: 'convert',
  async run() {
    const figures: Figure[] = [];
    for (const { name, side, runs } of sides) {
      const { pixels } = paintScene({ prompt: 'a lighthouse in a storm', seed: 1, width: side, height: side });
      for (const format of formats) {
        const times = await timeBeside(
          format === 'gif' && side > 1024 ? 1 : runs,
          () => consume(convertPicture({ pixels }, { format, label: 'algorithmicMedia' })),
          () => bare(pixels, format),
        );
        figures.push(
          { name: `${format} ${name}`, value: times.ours_ms, unit: 'ms' },
          {
            name: `${format} ${name} to bare sharp`,
            value: times.ratio,
            unit: 'ratio',
            goal: { below: 1.1 },
            beside: 'sharp',
          },
        );
      }
    }
    return figures;
  },
};

async function consume(conversion: ReturnType<typeof convertPicture>): Promise<void> {
  const { body } = await conversion;
  if (body instanceof Uint8Array) return;
  await pipeline(body, new Writable({ write: (_chunk, _encoding, done) => done() }));
}

function bare({ data, width, height }: Pixels, format: PictureFormat): Promise<Buffer> {
  const input = sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
  return encoders[format](input, undefined).toBuffer();
}
