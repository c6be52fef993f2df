import { mix } from '../../raster/color.ts';
import type { Pen } from '../pen.ts';
import type { Look } from './figure.ts';
import { paintHead } from './head.ts';
import { headFor } from './head-for.ts';

/** Kneels in profile, hands forward: what one does to mend a bicycle. */
export function paintKneeling(pen: Pen, look: Look, kind: string): void {
  const spec = headFor(look, kind);
  const coat = 0x59606a;
  const trousers = 0x3c3a40;
  pen.shadow(0, 0.004, 0.42, 0.75, 0.16);
  pen.limb([-0.12, -0.36, 0.02, -0.06, -0.26, -0.03], [0.2, 0.15, 0.11], mix(trousers, 0, 0.2));
  pen.shape([-0.34, -0.05, -0.24, -0.07, -0.2, 0, -0.34, 0.004], 0x241f1e);
  pen.limb([-0.1, -0.36, 0.17, -0.36, 0.16, -0.06], [0.21, 0.17, 0.12], trousers);
  pen.shape([0.1, -0.06, 0.2, -0.065, 0.29, -0.01, 0.1, 0.004], 0x241f1e);
  pen.shape(
    [-0.2, -0.3, -0.24, -0.52, -0.15, -0.73, 0.02, -0.78, 0.1, -0.7, 0.09, -0.5, 0.04, -0.3, -0.08, -0.25],
    coat,
    { puff: 1.2 },
  );
  paintHead(pen.within({ x: 0.1, y: -0.86, scale: 0.27, turn: 0.2 }), spec);
  pen.limb([0.0, -0.68, 0.16, -0.5, 0.4, -0.46], [0.15, 0.12, 0.085], coat, { puff: 1.2 });
  pen.limb([0.39, -0.46, 0.45, -0.45], [0.07, 0.05], spec.skin);
  pen.limb([0.44, -0.5, 0.47, -0.39], [0.018, 0.022], 0xb9bec6, { gloss: 1 });
}
