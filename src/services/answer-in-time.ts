import type { GenerateHooks, GenerationResult } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';

export interface Patience {
  /** Of the generation. */
  readonly id: string;
  readonly hooks: GenerateHooks;
  readonly time_left_ms: number;
}

/**
 * The work's result, or `deadline_exceeded` with the id when the caller has waited long enough. The work goes on all the
 * same and is handed to `hooks.onWork` then, so that a stopping server still waits for it; the other hooks are not called any more.
 */
export async function answerInTime(
  { id, hooks, time_left_ms }: Patience,
  work: (hooks: GenerateHooks) => Promise<GenerationResult>,
): Promise<GenerationResult> {
  let isAnswered = false;
  const running = work({
    ...(hooks.onPartial && { onPartial: (partial) => void (isAnswered || hooks.onPartial?.(partial)) }),
    onPicture: (picture, index) => void (isAnswered || hooks.onPicture?.(picture, index)),
  });
  const { promise: late, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), Math.max(0, time_left_ms));
  try {
    const first = await Promise.race([running, late]);
    if (first !== 'late') return first;
    isAnswered = true;
    hooks.onWork?.(running);
    // Its end is written into its row; nobody here is left to be told.
    running.catch(() => undefined);
    throw new GessoError(
      'deadline_exceeded',
      `The picture was not ready in time. The work goes on: fetch it with GET /v1/generations/${id}.`,
      { generation_id: id },
    );
  } finally {
    clearTimeout(timer);
  }
}
