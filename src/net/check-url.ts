import { effectivePort } from './allow-list.ts';
import { FetchFault } from './fetch-fault.ts';

const urlCharactersMax = 8192;

/** Where pictures are served from; anything else is some other service, such as mail or a database. */
export const webPorts: readonly number[] = [80, 443, 8080, 8443];

/**
 * Reads a URL strictly: http or https, a host, no credentials, no characters that parsers read differently.
 * The host comes out in its canonical form, so that `0x7f.1` is seen as 127.0.0.1.
 */
export function parseOutboundUrl(text: string): URL {
  const refuse = (why: string) => new FetchFault('bad_url', why, { sent: false });
  if (text.length > urlCharactersMax) throw refuse(`URL of ${text.length} characters`);
  // White space, control characters and backslashes are dropped or turned into slashes by some parsers.
  if (/[\0-\x20\x7f\\]/.test(text)) throw refuse('URL with white space, control characters or backslashes');
  if (!/^https?:\/\/[^/]/i.test(text)) throw refuse('URL that is neither http:// nor https://');
  const url = URL.parse(text);
  if (!url?.hostname) throw refuse('URL that cannot be parsed');
  if (url.username !== '' || url.password !== '') throw refuse('URL with credentials');
  url.hash = '';
  return url;
}

export function requireWebPort(url: URL, ports: readonly number[]): void {
  const port = effectivePort(url);
  if (!ports.includes(port)) throw new FetchFault('bad_url', `URL with port ${port}`, { sent: false });
}
