import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ProviderAnswer } from '../../../src/contracts/provider.ts';
import type { ProviderServer } from '../servers/kit.ts';
import type { AdapterWorld, Ask } from './adapter-world.ts';

export interface Once {
  readonly answer: ProviderAnswer;
  /** Rough states in order: which one, of which picture, and its bytes. */
  readonly partials: readonly { readonly partial: number; readonly picture: number; readonly bytes: number }[];
}

/** The first call of a request at the adapter itself: the whole of its answer is looked at. Throws ProviderFault. */
export async function runOnce(world: AdapterWorld, server: ProviderServer, pin: string, ask: Ask = {}): Promise<Once> {
  const [call] = world.calls(pin, ask).calls;
  if (call === undefined) throw new Error('no call');
  const partials: Once['partials'][number][] = [];
  const answer = await world.adapterFor(server).run(call, {
    signal: new AbortController().signal,
    deadline_at: Date.now() + 60_000,
    job_first: false,
    onPartial: (state, partial, picture) => {
      if ('bytes' in state) partials.push({ partial, picture, bytes: state.bytes });
    },
    onJob: async () => undefined,
    keep: async (bytes: Readable) => {
      const whole = await buffer(bytes);
      return { sha256: createHash('sha256').update(whole).digest('hex'), bytes: whole.length };
    },
  });
  return { answer, partials };
}
