/** Faults that the check must find, each put into a copy of what was gathered. */
import type { Evidence } from './evidence.ts';

type Plant = (evidence: Evidence) => Evidence | null;

/** Null where there is nothing to spoil: the run was too short. */
export const plants: Readonly<Record<string, Plant>> = {
  'a job that was submitted once more': (evidence) => {
    const resumed = evidence.attempts.find(
      ({ provider_job_id, outcome }) => provider_job_id !== null && outcome === 'success',
    );
    const row = evidence.generations.find(({ id }) => id === resumed?.generation_id);
    const again = evidence.submits.find(
      ({ tag, provider }) => provider === resumed?.provider && String(row?.request.prompt).startsWith(tag),
    );
    return again === undefined ? null : { ...evidence, submits: [...evidence.submits, again] };
  },
  'another attempt after one that may have been billed': (evidence) => {
    const row = evidence.generations.find(({ error }) => error?.code === 'interrupted');
    const last = evidence.attempts.findLast(
      ({ generation_id, error_class }) => generation_id === row?.id && error_class === 'interrupted',
    );
    if (last === undefined) return null;
    return { ...evidence, attempts: [...evidence.attempts, { ...last, seq: last.seq + 1 }] };
  },
  'a generation that never ended': (evidence) =>
    withFirst(
      evidence,
      'generations',
      ({ status }) => status === 'completed',
      (row) => ({ ...row, status: 'running' }),
    ),
  'a client that was told another end': (evidence) =>
    withFirst(
      evidence,
      'jobs',
      ({ ends }) => ends.size > 0,
      (job) => ({ ...job, ends: new Set(['completed -1']) }),
    ),
  'an accepted job that is lost': (evidence) => {
    const lost = evidence.jobs.find(({ ids }) => ids.size > 0);
    return lost === undefined
      ? null
      : { ...evidence, generations: evidence.generations.filter(({ id }) => !lost.ids.has(id)) };
  },
  'a webhook that never came': (evidence) => {
    const path = evidence.hooks[0]?.path;
    return path === undefined ? null : { ...evidence, hooks: evidence.hooks.filter((hook) => hook.path !== path) };
  },
  'a webhook with a wrong signature': (evidence) =>
    withFirst(
      evidence,
      'hooks',
      () => true,
      (hook) => ({ ...hook, is_signed: false }),
    ),
  'a picture that is damaged': (evidence) =>
    withFirst(
      evidence,
      'pictures',
      () => true,
      (picture) => ({ ...picture, fault: '404' }),
    ),
  'a picture that was charged twice': (evidence) => {
    const [charge] = evidence.charges;
    return charge === undefined ? null : { ...evidence, charges: [...evidence.charges, charge] };
  },
  'money that is held by nothing': (evidence) =>
    withFirst(
      evidence,
      'wallets',
      () => true,
      (wallet) => ({ ...wallet, held_micros: 1 }),
    ),
  'an attempt that is left running': (evidence) =>
    withFirst(
      evidence,
      'attempts',
      ({ outcome }) => outcome === 'success',
      (attempt) => ({ ...attempt, outcome: 'running' }),
    ),
};

function withFirst<Name extends 'generations' | 'jobs' | 'hooks' | 'pictures' | 'wallets' | 'attempts'>(
  evidence: Evidence,
  name: Name,
  which: (item: Evidence[Name][number]) => boolean,
  spoil: (item: Evidence[Name][number]) => Evidence[Name][number],
): Evidence | null {
  const items: readonly Evidence[Name][number][] = evidence[name];
  const index = items.findIndex(which);
  const item = items[index];
  return item === undefined ? null : { ...evidence, [name]: items.with(index, spoil(item)) };
}
