import type { KeySettings } from '../../contracts/keys.ts';

export type ResponseFormat = 'url' | 'b64_json' | 'both';

/** Models whose real API gives base64 only: their clients read nothing else. */
const BASE64_MODELS = /^(?:openai\/)?(?:chatgpt-|gpt-)image/;

/** Clients that never say what they want and read base64 only (or first): told by their User-Agent. */
const BASE64_CLIENTS = [
  /\bai-sdk\//i,
  /\bai\/\d/,
  /ai-sdk-provider-utils/i,
  /LibreChat/i,
  /CherryStudio/i,
  /OpenClaw/i,
];

/**
 * Which of `url` and `b64_json` each picture carries. What is asked for is obeyed to the letter (Open WebUI takes `url`
 * whenever it is there). Otherwise: base64 for GPT Image ids, as OpenAI does; then the key's setting; then both for
 * clients known to need base64; else `url`.
 */
export function chooseResponseFormat(choice: {
  readonly requested: ResponseFormat | undefined;
  readonly model: string;
  readonly settings: KeySettings;
  readonly user_agent: string | undefined;
}): ResponseFormat {
  if (choice.requested !== undefined) return choice.requested;
  if (BASE64_MODELS.test(choice.model)) return 'b64_json';
  if (choice.settings.response_format !== undefined) return choice.settings.response_format;
  const agent = choice.user_agent ?? '';
  return BASE64_CLIENTS.some((pattern) => pattern.test(agent)) ? 'both' : 'url';
}
