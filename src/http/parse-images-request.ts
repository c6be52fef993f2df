import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { Principal } from '../contracts/services.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { GessoError } from '../core/errors.ts';
import { type ParamFault, parseRequest } from '../core/params/parse-request.ts';
import type { ImagesBody } from './body/images-body.ts';

export type ImagesEndpoint = 'generations' | 'edits';

/** The typed request of a body whose pictures are stored already. Throws every fault at once. */
export function parseImagesRequest(
  body: ImagesBody,
  endpoint: ImagesEndpoint,
  principal: Principal,
  mode: Mode,
  catalog: Catalog,
): CanonicalRequest {
  const hasPictures = body.images.length > 0 || body.mask !== null;
  const parsed = parseRequest(withKeySettings(body.raw, principal), {
    // A generation that brings pictures is an edit: some clients know one endpoint only.
    kind: endpoint === 'edits' || hasPictures ? 'edit' : 'text_to_image',
    encoding: body.encoding,
    mode,
    known_offer_params: catalog.offer_params,
  });
  const missing = body.images.length === 0 && (endpoint === 'edits' || hasPictures) ? [missingImage] : [];
  const faults = 'faults' in parsed ? [...parsed.faults, ...missing] : missing;
  if ('faults' in parsed || faults.length > 0) throw faultsError(faults);
  return parsed.request;
}

const missingImage: ParamFault = {
  code: 'missing_required_parameter',
  param: 'image',
  message: 'An edit needs a picture.',
  fix: 'Send image (or image[] for several), or use /v1/images/generations.',
};

/** What the key says holds where the request says nothing. */
function withKeySettings(raw: Readonly<Record<string, unknown>>, { settings }: Principal): Record<string, unknown> {
  const own = raw.unknown_params ?? settings.unknown_params;
  return own === undefined ? { ...raw } : { ...raw, unknown_params: own };
}

export function faultsError(faults: readonly ParamFault[]): GessoError {
  const first = faults[0];
  const text = faults.map(({ message, fix }) => (fix === undefined ? message : `${message} ${fix}`)).join(' ');
  return new GessoError(first?.code ?? 'invalid_value', text, {
    ...(first ? { param: first.param } : {}),
    details: faults,
  });
}
