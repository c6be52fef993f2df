import { type ErrorCode, GessoError } from '../core/errors.ts';

/** Errors of the framework and its plugins, by their code. What is not here is ours to mend: `internal_error`. */
const FOREIGN: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is too large for this endpoint.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_content_type', 'Send application/json or multipart/form-data.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_value', 'Content-Length and the body differ in length.'],
  FST_ERR_BAD_URL: ['unknown_url', 'The path holds a percent sign that encodes nothing.'],
  FST_ERR_MAX_PARAM_LENGTH: ['unknown_url', 'The path is too long.'],
  FST_PARTS_LIMIT: ['payload_too_large', 'The form has too many parts.'],
  FST_FILES_LIMIT: ['too_many_images', 'The form has more files than a request may bring.'],
  FST_FIELDS_LIMIT: ['payload_too_large', 'The form has too many fields.'],
  FST_REQ_FILE_TOO_LARGE: ['payload_too_large', 'A file of the form is too large.'],
  FST_PROTO_VIOLATION: ['invalid_multipart', 'A field of the form has a name that is not taken.'],
  FST_INVALID_JSON_FIELD_ERROR: ['invalid_multipart', 'A field of the form says that it is JSON and is not.'],
  FST_MP_PREMATURE_CLOSE: ['invalid_multipart', 'The form ended before its last part.'],
};

/** Busboy, below the multipart plugin, throws plain errors: they are known by their words (a needle is a boundary). */
const MULTIPART_WORDS = /multipart|boundary|part terminated|malformed|unexpected end|content-type|needle/i;

/** Whatever was thrown, as a row of the error table. Internal text stays in `cause`. */
export function toGessoError(error: unknown): GessoError {
  if (error instanceof GessoError) return error;
  const row = FOREIGN[codeOf(error)];
  if (row !== undefined) return new GessoError(row[0], row[1], { cause: error });
  return new GessoError('internal_error', undefined, { cause: error });
}

/** An error from reading a form: what the parser says about the form itself is the client's fault. */
export function toMultipartError(error: unknown): GessoError {
  const known = toGessoError(error);
  if (known.code !== 'internal_error' || known === error) return known;
  const words = error instanceof Error ? error.message : '';
  if (!MULTIPART_WORDS.test(words)) return known;
  return new GessoError(
    'invalid_multipart',
    'The multipart body is cut or malformed: send every part and the boundary.',
    {
      cause: error,
    },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
