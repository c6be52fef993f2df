import type { Figure, FigureTable } from './figure.ts';
import { sittingAnimals } from './sitting-animal.ts';

/** Every figure that the painter can draw, by the meaning that the vocabulary gives its words. */
export const figures: FigureTable = { ...sittingAnimals };

export const figureOf = (kind: string): Figure | undefined => figures[kind];
