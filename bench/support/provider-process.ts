/** A server that acts a provider, as a process of its own: its memory and time are not those of what is measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ProviderProcess {
  readonly base_url: string;
  readonly key: string;
  stop(): Promise<void>;
}

const script = join(import.meta.dirname, '..', '..', 'tests', 'providers', 'servers', 'serve.ts');

/** `answer_bytes`: of base64 text in each picture. */
export async function startProvider(name: string, answer_bytes: number): Promise<ProviderProcess> {
  const child = spawn(process.execPath, [script, name, JSON.stringify({ answer_bytes })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { base_url, key } = JSON.parse(line) as { base_url: string; key: string }; // As serve.ts prints it.
  return {
    base_url,
    key,
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
