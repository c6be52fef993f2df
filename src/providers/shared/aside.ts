import type { CallContext } from '../../contracts/provider.ts';

/** For what is sent beside any call, such as a wish to cancel: nothing aborts it but its own time, and it brings no pictures. */
export const aside: Pick<CallContext, 'signal' | 'keep'> = {
  signal: new AbortController().signal,
  keep: async (bytes) => {
    bytes.destroy();
    throw new Error('no picture is kept of this answer');
  },
};
