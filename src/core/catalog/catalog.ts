/** The compiled catalogue, as everything else sees it. Types only. */

import type { ParameterType } from '../params/parameters.ts';
import type { LabPage } from './lab-schema.ts';
import type { ModelPage } from './model-schema.ts';
import type { OfferPage } from './offer-schema.ts';
import type { ProviderPage } from './provider-schema.ts';

export interface Offer extends OfferPage {
  /** `provider/id`, e.g. `fal/seedream-4-edit`. */
  readonly pin: string;
  readonly model_id: string;
}

export interface Model extends Omit<ModelPage, 'offers'> {
  /** `lab/model`, from the path. */
  readonly id: string;
  readonly lab: string;
  /** In the order of the file; retired offers are left out. */
  readonly offers: readonly Offer[];
}

export interface Provider extends ProviderPage {
  readonly id: string;
  /** The file in src/providers that speaks to it. */
  readonly adapter: string;
}

export interface Lab extends LabPage {
  readonly id: string;
}

/** A parameter that some offers take and that is not canonical. */
export interface OfferParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  /** Every value that some offer takes; absent = any. */
  readonly values?: readonly (string | number | boolean)[];
  /** Pins of the offers that take it. */
  readonly offers: readonly string[];
}

export interface Resolved {
  readonly model: Model;
  /** Set when the id was a pin: that offer's provider alone. */
  readonly offer: Offer | null;
  readonly provider: string | null;
}

export interface Catalog {
  readonly models: ReadonlyMap<string, Model>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly labs: ReadonlyMap<string, Lab>;
  readonly offer_params: ReadonlyMap<string, OfferParameter>;
  resolve(id: string): Resolved | null;
  /** Ids that a person may have meant, best first, at most three. */
  suggest(id: string): readonly string[];
}
