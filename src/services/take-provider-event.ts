import { GessoError } from '../core/errors.ts';
import type { ServiceParts } from './parts.ts';

/**
 * What a provider says of a job is never believed beyond that it is worth asking now: whoever waits for the job, in
 * whatever process, asks the provider as always.
 */
export async function takeProviderEvent(
  { hookReaders, bus, log }: Pick<ServiceParts, 'hookReaders' | 'bus' | 'log'>,
  provider: string,
  headers: Readonly<Record<string, string | undefined>>,
  readBody: () => Promise<Uint8Array>,
): Promise<void> {
  const read = hookReaders.get(provider);
  if (read === undefined) throw new GessoError('not_found', 'This server expects no webhooks of that name.');
  const job_id = await read(headers, await readBody()).catch((error: unknown) => {
    log.warn({ provider, err: error }, 'a webhook could not be checked: the keys of its signature could not be had');
    return null;
  });
  if (job_id === null) throw new GessoError('invalid_signature');
  bus.publish('job', `${provider}/${job_id}`);
}
