import { GessoError } from '../core/errors.ts';

export type FetchFaultKind =
  | 'bad_url'
  | 'bad_request'
  | 'private_address'
  | 'unreachable'
  | 'redirected'
  | 'too_slow'
  | 'too_large'
  | 'bad_encoding'
  | 'cut'
  | 'aborted';

/** Why a request got no whole answer. Its message is for logs; `toImageUrlError` makes one for the sender of a URL. */
export class FetchFault extends Error {
  readonly kind: FetchFaultKind;
  /** False when it is certain that nothing was sent: then another try cannot repeat anything. */
  readonly sent: boolean;

  constructor(kind: FetchFaultKind, message: string, options: { readonly sent: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'FetchFault';
    this.kind = kind;
    this.sent = options.sent;
  }
}

/** Sees faults through the wrappers that undici and streams put around them. */
export function asFetchFault(error: unknown, sent: boolean): FetchFault {
  if (error instanceof FetchFault) return error;
  const { code, message, cause } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}; // system errors have a code
  if (cause instanceof FetchFault) return cause;
  const text = `${code ?? 'error'}: ${message ?? String(error)}`;
  // Refused by the client itself, such as a key with a line break in its header.
  if (code === 'UND_ERR_INVALID_ARG') return new FetchFault('bad_request', text, { sent: false, cause: error });
  if (slowCodes.has(code ?? '')) return new FetchFault('too_slow', text, { sent, cause: error });
  if (/^(Z_|ERR__ERROR_|ERR_BROTLI)/.test(code ?? ''))
    return new FetchFault('bad_encoding', text, { sent, cause: error });
  return new FetchFault(sent ? 'cut' : 'unreachable', text, { sent, cause: error });
}

const slowCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const sentences: Readonly<Record<FetchFaultKind, string>> = {
  bad_url:
    'The URL is not one that is fetched. Use http or https on port 80, 443, 8080 or 8443, without a user name or password.',
  bad_request: 'The request for the URL could not be made.',
  private_address:
    'The URL leads to an address that is not public. Use a public URL, upload the file, or send it as a data URL; the operator can allow a host with GESSO_FETCH_ALLOW_HOSTS.',
  unreachable: 'The host of the URL cannot be reached. Check the URL, or upload the file.',
  redirected: 'The URL leads through too many redirects. Use the last address directly.',
  too_slow: 'The host of the URL took too long. Try again, or upload the file.',
  too_large: 'The file at the URL is larger than what is taken. Send a smaller picture.',
  bad_encoding: 'The file at the URL has a content encoding that cannot be read. Serve it without one.',
  cut: 'The connection broke before the whole file came. Try again, or upload the file.',
  aborted: 'Fetching the URL was given up.',
};

/** The sentence for the person whose URL could not be fetched. Errors that are not faults are returned as they are. */
export function toImageUrlError(error: unknown, param?: string): unknown {
  if (!(error instanceof FetchFault)) return error;
  return new GessoError('invalid_image_url', sentences[error.kind], {
    cause: error,
    ...(param === undefined ? {} : { param }),
  });
}
