import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/** Keys, bearer tokens, data URLs and long base64 never reach the log, whichever field or message they came in. */
const SECRETS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(sk-(?:local-)?(?:live-|test-|admin-)?)[\w-]{6,}/g, '$1[redacted]'],
  [/\b(Bearer\s+)[^\s"\\]+/gi, '$1[redacted]'],
  [/data:[\w.+/-]*(?:;[\w=.+-]+)*;base64,[\w+/=\\-]*/gi, '[data URL]'],
  [/[A-Za-z0-9+/]{200,}={0,2}/g, '[base64]'],
];

const REDACTED_FIELDS = ['authorization', 'api-key', 'cookie', 'set-cookie', 'password', 'secret', 'token', 'api_key'];

/** JSON lines, one per event, on stdout or `destination`. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      redact: {
        paths: REDACTED_FIELDS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[redacted]',
      },
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}

/** A net under the field names: a whole line of text, after everything has been written into it. */
export function redactLine(line: string): string {
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
