import type { ApiClient } from './api-client.ts';
import { connect } from './connect.ts';
import type { CliWorld } from './world.ts';

export type Question = Parameters<ApiClient['json']>[0];

/** One question to the API, and its answer. Throws CliError with the API's own words. */
export async function ask(world: CliWorld, question: Question): Promise<unknown> {
  const client = await connect(world, { mode: 'live' });
  try {
    return await client.json(question);
  } finally {
    await client.close();
  }
}

export function printJson(world: CliWorld, answer: unknown): void {
  world.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}
