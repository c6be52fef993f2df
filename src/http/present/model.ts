/** A model of the catalogue as OpenAI's Model, with everything that the catalogue knows. */
import type { Model, Offer } from '../../core/catalog/catalog.ts';
import type { HttpDependencies } from '../dependencies.ts';

/** The catalogue, and which of its providers this server has a key for. */
type Known = Pick<HttpDependencies, 'catalog' | 'isConfigured'>;

/** What a list shows: enough to choose by. */
export function presentModelSummary(model: Model, known: Known): Readonly<Record<string, unknown>> {
  return {
    id: model.id,
    object: 'model',
    created: releasedAt(model),
    owned_by: model.lab,
    name: model.name,
    summary: model.summary,
    status: model.status,
    ...(model.family === undefined ? {} : { family: model.family }),
    aliases: model.aliases,
    modes: model.modes,
    input_modalities: model.input_modalities,
    output_modalities: model.output_modalities,
    offers: model.offers.map((offer) => presentOfferSummary(offer, known)),
  };
}

/** The whole page; with the offer that a pin named, only that offer of it. */
export function presentModel(model: Model, known: Known, pinned: Offer | null): Readonly<Record<string, unknown>> {
  const { id, lab, offers, aliases, ...page } = model;
  const shown = pinned === null ? offers : [pinned];
  return {
    id,
    object: 'model',
    created: releasedAt(model),
    owned_by: lab,
    ...page,
    lab: known.catalog.labs.get(lab) ?? { id: lab },
    aliases,
    offers: shown.map((offer) => ({
      ...presentOfferSummary(offer, known),
      limits: offer.limits,
      size: offer.size,
      output_formats: offer.output_formats,
      mask: offer.mask.form !== 'none',
      notes: offer.notes,
    })),
  };
}

function presentOfferSummary(offer: Offer, { catalog, isConfigured }: Known): Readonly<Record<string, unknown>> {
  return {
    id: offer.pin,
    provider: offer.provider,
    provider_name: catalog.providers.get(offer.provider)?.name ?? offer.provider,
    configured: isConfigured(offer.provider),
    modes: offer.modes,
    prices: offer.prices,
    parameters: Object.keys(offer.parameters),
  };
}

/** Unix seconds of the release date that the catalogue goes by; 0 when there is none. */
function releasedAt(model: Model): number {
  const date = model.released.find((entry) => entry.chosen)?.date;
  return date === undefined ? 0 : Math.floor(Date.parse(`${date}T00:00:00Z`) / 1000);
}
