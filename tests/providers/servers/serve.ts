/**
 * One provider server as a process of its own, so that another's memory and time can be measured without it:
 * `node tests/providers/servers/serve.ts openai '{"answer_bytes":12000000}'`. Prints `{provider, base_url, key}` as one
 * line and stops when its standard input ends. Names and starters are those of `samples.ts`.
 */
import type { ServerOptions } from './kit.ts';
import { samples } from './samples.ts';

const [name = '', options = '{}'] = process.argv.slice(2);
const sample = samples[name];
if (sample === undefined) throw new Error(`Name one of ${Object.keys(samples).join(', ')}.`);
const server = await sample.start(JSON.parse(options) as ServerOptions); // Written by whoever starts it.
const { provider, base_url, key } = server;
process.stdout.write(`${JSON.stringify({ provider, base_url, key })}\n`);
for await (const _ of process.stdin) {
  // Nothing is asked for this way.
}
await server.close();
