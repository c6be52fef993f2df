/** What keys may use. Every key of a lineage has its say, so that a key never may more than the one that it was made under. */
import type { Bound } from '../../contracts/keys.ts';
import type { Model } from '../catalog/catalog.ts';
import { GessoError } from '../errors.ts';
import { matchesGlob } from './matches-glob.ts';

export function isModelAllowed(bounds: readonly Bound[], { id, aliases }: Pick<Model, 'id' | 'aliases'>): boolean {
  return bounds.every(({ settings: { models } }) => models === undefined || matchesGlob(models, [id, ...aliases]));
}

/** Throws `model_not_allowed`. */
export function checkModelAllowed(bounds: readonly Bound[], model: Pick<Model, 'id' | 'aliases'>): void {
  if (isModelAllowed(bounds, model)) return;
  const lists = bounds.flatMap(({ settings: { models } }) => (models === undefined ? [] : [models.join(', ')]));
  const message = `This key may not use ${model.id}: it may use ${lists.join('; of these only ') || 'no model'}.`;
  throw new GessoError('model_not_allowed', message, { param: 'model' });
}

export function isProviderAllowed(bounds: readonly Bound[], provider: string): boolean {
  return bounds.every(({ settings: { providers } }) => providers === undefined || matchesGlob(providers, [provider]));
}
