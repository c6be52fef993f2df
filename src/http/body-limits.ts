import type { Mode } from '../contracts/generation.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import type { ImagesBodyLimits } from './body/images-body.ts';
import type { HttpDependencies } from './dependencies.ts';

/** What the body of a generating call may bring. */
export function bodyLimits({ settings }: Pick<HttpDependencies, 'settings'>): ImagesBodyLimits {
  const idle_timeout_ms = settings.GESSO_BODY_IDLE_TIMEOUT_MS;
  return {
    json: { bytes_max: settings.GESSO_JSON_BODY_BYTES_MAX, idle_timeout_ms },
    upload: { bytes_max: settings.GESSO_UPLOAD_BODY_BYTES_MAX, idle_timeout_ms },
    references_max: settings.GESSO_REFERENCES_MAX,
  };
}

export function generatingModeOf({ mode }: Principal): Mode {
  if (mode !== 'admin') return mode;
  throw new GessoError('scope_exceeded', 'An admin key administers and cannot generate: use a live or a test key.');
}
