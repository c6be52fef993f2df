/** What a person reads when the server is up. Pure: lines of text. */
import type { FirstKeys } from '../contracts/app.ts';
import { wrapText } from './format-table.ts';
import type { Terminal } from './terminal.ts';

export interface BannerFacts {
  readonly version: string;
  readonly url: string;
  readonly notes: readonly string[];
  readonly keys: FirstKeys | null;
  /** Where keys of an earlier start lie. */
  readonly keys_file: string | null;
}

export function banner(terminal: Terminal, { version, url, notes, keys, keys_file }: BannerFacts): string[] {
  const label = (text: string) => terminal.paint('dim', text.padEnd(6));
  return [
    '',
    `  ${terminal.paint(['bold', 'cyan'], `Gesso ${version}`)} is ready.`,
    '',
    `  ${label('API')} ${terminal.paint('bold', `${url}/v1`)}`,
    `  ${label('Docs')} ${url}/docs`,
    ...notes.flatMap((note) => indent(terminal, note)),
    '',
    ...(keys === null ? oldKeys(terminal, keys_file) : newKeys(terminal, keys)),
    '',
  ];
}

function newKeys(terminal: Terminal, { admin, live, test }: FirstKeys): string[] {
  const row = (name: string, key: string, use: string) => [
    `  ${terminal.paint('yellow', name.padEnd(6))} ${key}`,
    `         ${terminal.paint('dim', use)}`,
  ];
  return [
    `  ${terminal.paint('bold', 'Your keys.')} They are shown this once: keep them.`,
    ...row('test', test, 'draws with the built-in engine, spends nothing'),
    ...row('live', live, 'spends money at the providers that you configure'),
    ...row('admin', admin, 'administers; cannot draw'),
  ];
}

function oldKeys(terminal: Terminal, keys_file: string | null): string[] {
  const more = 'New key: npx gesso keys create --mode test --name me';
  if (keys_file === null) return indent(terminal, more);
  return [
    ...indent(terminal, `The first keys are in ${keys_file}: move them to a safe place.`),
    ...indent(terminal, more),
  ];
}

function indent(terminal: Terminal, text: string): string[] {
  const width = Math.max(20, (terminal.width ?? Number.POSITIVE_INFINITY) - 2);
  return wrapText(text, width).map((line) => `  ${line}`);
}

/** Ready to paste, so never wrapped. */
export function snippets(terminal: Terminal, url: string, key: string): string[] {
  return [
    `  ${terminal.paint('bold', 'Try it')}`,
    '',
    `curl ${url}/v1/images/generations \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '{"model": "seedream-4", "prompt": "a red fox in the snow"}'`,
    '',
    `  ${terminal.paint('bold', 'With the OpenAI SDK')} ${terminal.paint('dim', '(npm install openai)')}`,
    '',
    "import OpenAI from 'openai';",
    `const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' });`,
    "const { data } = await client.images.generate({ model: 'seedream-4', prompt: 'a red fox in the snow' });",
    'console.log(data[0].url);',
    '',
  ];
}
