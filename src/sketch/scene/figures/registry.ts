import { animals } from './animals.ts';
import { buildings } from './buildings.ts';
import type { Figure, FigureTable } from './figure.ts';
import { food } from './food.ts';
import { objects } from './objects.ts';
import { people } from './people.ts';
import { sittingAnimals } from './sitting-animal.ts';
import { smallObjects } from './small-objects.ts';
import { vehicles } from './vehicles.ts';
import { walkingAnimals } from './walkers.ts';

/** Every figure that the painter can draw, by the meaning that the vocabulary gives its words. */
export const figures: FigureTable = {
  ...sittingAnimals,
  ...people,
  ...vehicles,
  ...objects,
  ...smallObjects,
  ...walkingAnimals,
  ...food,
  ...animals,
  ...buildings,
};

export const figureOf = (kind: string): Figure | undefined => figures[kind];
