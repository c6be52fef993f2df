/** From a request to the offers that may be tried, in order, each with its plan and its price. Nothing is written. */
import type { CanonicalRequest, Mode, Plan, PriceEstimate, ReferenceFacts } from '../contracts/generation.ts';
import type { Bound } from '../contracts/keys.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import type { Catalog, Model, Offer, Resolved } from '../core/catalog/catalog.ts';
import { estimatePrice } from '../core/catalog/price.ts';
import { GessoError } from '../core/errors.ts';
import { checkModelAllowed, isProviderAllowed } from '../core/keys/allowances.ts';
import type { ParamFault } from '../core/params/parse-request.ts';
import { planRequest } from '../core/params/plan-request.ts';
import { prepareReferences } from '../core/params/prepare-references.ts';
import { allowOffers, type Candidate, orderOffers } from '../core/routing/order-offers.ts';
import type { OfferTraffic } from './offer-traffic.ts';
import type { ServiceParts } from './parts.ts';

export interface ChosenOffer extends Candidate {
  readonly model: Model;
  /** The request as it asks this model: `model` is the one of the list that led here. */
  readonly request: CanonicalRequest;
  readonly offer: Offer;
  readonly plan: Plan;
  readonly price: PriceEstimate;
}

export interface Choice {
  /** The first model that was asked for. */
  readonly model: Model;
  /** Never empty; the first is tried first. */
  readonly offers: readonly ChosenOffer[];
}

export interface RequestFacts {
  readonly references: readonly ReferenceFacts[];
  readonly mask: ReferenceFacts | null;
}

export function factsOf({ images, mask }: GenerationInputs): RequestFacts {
  return { references: images.map(pictureFacts), mask: mask === null ? null : pictureFacts(mask) };
}

function pictureFacts({ width, height, bytes, content_type, has_alpha }: StoredPicture): ReferenceFacts {
  return { width, height, bytes, content_type, has_alpha };
}

type ChooseParts = Pick<ServiceParts, 'catalog' | 'liveAdapters' | 'traffic'>;

/**
 * Model by model, as the caller lists them: a later model is for when all offers of those before it have failed. Throws
 * model_not_found, model_not_allowed, unsupported_mode, no_provider_configured, or the fault that every offer has; of several models the
 * first one's, and only where none of them can do it.
 */
export function chooseOffers(
  parts: ChooseParts,
  mode: Mode,
  request: CanonicalRequest,
  inputs: GenerationInputs,
  bounds: readonly Bound[] = [],
): Choice {
  checkMask(inputs);
  const resolved = [request.model, ...(request.fallback_models ?? [])].map((asked) => {
    const found = parts.catalog.resolve(asked);
    if (found === null) throw modelNotFound(parts.catalog, asked);
    checkModelAllowed(bounds, found.model);
    return { asked, found };
  });
  const errors: GessoError[] = [];
  const offers = resolved.flatMap(({ asked, found }) => {
    try {
      return offersOfModel(parts, mode, found, { ...request, model: asked }, inputs, bounds);
    } catch (error) {
      if (!(error instanceof GessoError)) throw error;
      errors.push(error);
      return [];
    }
  });
  const [first] = resolved;
  if (first === undefined || offers.length === 0) throw errors[0] ?? modelNotFound(parts.catalog, request.model);
  return { model: first.found.model, offers: firstOfEach(offers) };
}

/** A list may name a model twice, or one of its offers beside it. */
function firstOfEach(offers: readonly ChosenOffer[]): ChosenOffer[] {
  const seen = new Set<string>();
  return offers.filter(({ offer }) => !seen.has(offer.pin) && seen.add(offer.pin));
}

function offersOfModel(
  { catalog, liveAdapters, traffic }: ChooseParts,
  mode: Mode,
  found: Resolved,
  request: CanonicalRequest,
  inputs: GenerationInputs,
  bounds: readonly Bound[],
): ChosenOffer[] {
  const { model } = found;
  const able = offersFor(model, found.offer, request).filter(({ provider }) => isProviderAllowed(bounds, provider));
  if (able.length === 0) throw providerNotAllowed(model);
  const callable = mode === 'test' ? able : able.filter(({ provider }) => liveAdapters.has(provider));
  if (callable.length === 0) throw noProvider(catalog, model, able);

  const planned = planOffers(model, callable, request, inputs, traffic(mode));
  const allowed = allowOffers(planned, request.provider);
  if (allowed.length === 0) {
    throw new GessoError(
      'invalid_value',
      `The provider preferences leave no offer of ${model.id}. Its providers are ${names(planned.map(({ provider }) => provider))}.`,
      { param: 'provider' },
    );
  }
  return orderOffers(allowed, request.provider);
}

function planOffers(
  model: Model,
  offers: readonly Offer[],
  request: CanonicalRequest,
  inputs: GenerationInputs,
  traffic: OfferTraffic,
): ChosenOffer[] {
  const facts = factsOf(inputs);
  const faults: ParamFault[] = [];
  const planned = offers.flatMap((offer): ChosenOffer[] => {
    const outcome = planRequest({ request, model, offer, ...facts });
    if ('fault' in outcome) {
      faults.push(outcome.fault);
      return [];
    }
    const { plan } = outcome;
    const price = estimatePrice(offer, plan, prepareReferences(offer, facts.references));
    if ('unknown' in price) {
      faults.push({
        code: 'invalid_value',
        param: 'model',
        message: `The price of ${offer.pin} is not known: ${price.unknown}`,
      });
      return [];
    }
    const { width, height } = plan.upstream_size;
    return [
      {
        model,
        request,
        offer,
        provider: offer.provider,
        plan,
        price,
        dishonoured: plan.dishonoured,
        price_micros: price.total_micros,
        area: width * height,
        ...traffic.standing(offer, plan, request.kind),
      },
    ];
  });
  const [fault] = faults;
  if (planned.length > 0 || fault === undefined) return planned;
  throw new GessoError(fault.code, [fault.message, fault.fix].filter(Boolean).join(' '), {
    param: fault.param,
    details: faults,
  });
}

/** A pin means that provider only; with pictures it means the provider's offer that edits. */
function offersFor(model: Model, pin: Offer | null, { kind, model: asked }: CanonicalRequest): Offer[] {
  const able = model.offers.filter((offer) => offer.modes.includes(kind));
  const offers = pin === null ? able : able.filter((offer) => offer.provider === pin.provider);
  if (offers.length > 0) return offers;
  const wanted = kind === 'edit' ? 'edit pictures' : 'draw from text alone';
  throw new GessoError('unsupported_mode', `${asked} cannot ${wanted}. GET /v1/models lists what each model can do.`, {
    param: kind === 'edit' ? 'image' : 'model',
  });
}

/** Both sizes are known by now, so that a wrong mask costs nothing. */
function checkMask({ images, mask }: GenerationInputs): void {
  const [first] = images;
  if (mask === null) return;
  if (first === undefined)
    throw new GessoError('invalid_value', 'A mask needs a picture to lie over.', { param: 'mask' });
  if (mask.width === first.width && mask.height === first.height) return;
  throw new GessoError(
    'invalid_value',
    `The mask is ${mask.width}x${mask.height}, but the first picture is ${first.width}x${first.height}. Send a mask of the same size.`,
    { param: 'mask' },
  );
}

function modelNotFound(catalog: Catalog, asked: string): GessoError {
  const close = catalog.suggest(asked);
  const hint = close.length > 0 ? ` Did you mean ${names(close)}?` : ' GET /v1/models lists them.';
  return new GessoError('model_not_found', `There is no model "${asked}".${hint}`, { param: 'model' });
}

function providerNotAllowed(model: Model): GessoError {
  const message = `This key may not use a provider of ${model.id} that can do this. Ask for another model, or another key.`;
  return new GessoError('model_not_allowed', message, { param: 'model' });
}

function noProvider(catalog: Catalog, model: Model, offers: readonly Offer[]): GessoError {
  const variables = offers.flatMap(({ provider }) => catalog.providers.get(provider)?.key_variables ?? []);
  return new GessoError(
    'no_provider_configured',
    `No provider of ${model.id} has a key on this server. Set ${[...new Set(variables)].join(' or ')} and restart; ` +
      'or use a test key, or the model gesso/sketch, which need none.',
    { param: 'model' },
  );
}

function names(list: readonly string[]): string {
  return [...new Set(list)].join(', ');
}
