import { GessoError } from '../../core/errors.ts';
import { FetchFault } from '../../net/fetch-fault.ts';
import type { ServiceParts } from '../parts.ts';

const URL_CHARACTERS_MAX = 2048;

const sentences: Readonly<Record<string, string>> = {
  private_address:
    'leads to an address that is not public. Use a public URL; the operator can allow a host with GESSO_FETCH_ALLOW_HOSTS.',
  bad_url:
    'is not one that is called. Use https on port 443, 8443, 80 or 8080, without a user name or password; the operator can allow a host, with any port and over http, with GESSO_FETCH_ALLOW_HOSTS.',
};

/**
 * The URL as it will be called; throws `invalid_value`, about `param`, for one that must not be. Hosts that the operator
 * allows may have http. It is checked again at every delivery.
 */
export async function checkWebhookUrl(
  { checkTarget }: Pick<ServiceParts, 'checkTarget'>,
  text: string,
  param: string,
): Promise<string> {
  const refuse = (why: string): GessoError => new GessoError('invalid_value', `The ${param} ${why}`, { param });
  if (text.length > URL_CHARACTERS_MAX) throw refuse(`is longer than ${URL_CHARACTERS_MAX} characters.`);
  try {
    const { url, is_trusted } = await checkTarget(text);
    if (url.protocol !== 'https:' && !is_trusted) throw refuse('must begin with https://.');
    return url.href;
  } catch (error) {
    if (!(error instanceof FetchFault)) throw error;
    throw refuse(sentences[error.kind] ?? 'cannot be called.');
  }
}
