import type { Color } from '../../raster/color.ts';
import type { Random } from '../../raster/random.ts';
import type { Pen } from '../pen.ts';

/** What a figure may know of the prompt. */
export interface Look {
  /** Colours named for it, in order. */
  readonly colors: readonly Color[];
  readonly traits: ReadonlySet<string>;
  /** Cyberpunk dress: visors, implants, lit seams. */
  readonly neon: boolean;
  readonly random: Random;
  /** A text to be written on it, if it can carry one. */
  readonly text?: string;
}

export type Habitat = 'ground' | 'table' | 'water' | 'air' | 'road' | 'space' | 'underwater';

/** Drawn standing on y = 0, from -1 (top) in height, `aspect` wide, centred on x = 0. */
export interface Figure {
  readonly aspect: number;
  readonly habitat: Habitat;
  /** Height beside a person of 1, which sizes figures against each other. */
  readonly tall: number;
  /** Where something on top of it stands (y), -1 when absent. */
  readonly top?: number;
  /** Room within: centre and floor, and the height of what fits. */
  readonly inner?: { readonly x: number; readonly y: number; readonly height: number };
  paint(pen: Pen, look: Look): void;
  /** What lies before the things inside it: the near panes of a glass cube. */
  paintOver?(pen: Pen, look: Look): void;
}

export type FigureTable = Readonly<Record<string, Figure>>;
