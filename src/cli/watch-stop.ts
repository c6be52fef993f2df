import type { CliWorld, StopSignal } from './world.ts';

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm or the launcher. */
const SAME_PRESS_MS = 500;

export interface StopWatch {
  /** The first signal: time to finish. */
  readonly requested: Promise<StopSignal>;
  release(): void;
}

/** A second signal ends the process at once, with the status that shells give for it. */
export function watchStop(world: Pick<CliWorld, 'onStop' | 'now' | 'exit'>, onSecond: () => void): StopWatch {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let first_at: number | null = null;
  const release = world.onStop((signal) => {
    if (first_at === null) {
      first_at = world.now();
      resolve(signal);
    } else if (world.now() - first_at > SAME_PRESS_MS) {
      onSecond();
      world.exit(signal === 'SIGINT' ? 130 : 143);
    }
  });
  return { requested: promise, release };
}
