import { parentPort } from 'node:worker_threads';
import { drawSketch } from './draw-sketch.ts';
import type { SketchJob, SketchReport } from './worker-messages.ts';
import type { WorkerMessage } from './worker-pool.ts';

/** The thread's side of the pool: one job at a time, pixels handed over without a copy. */
function send(message: WorkerMessage<SketchReport>, pixels?: Uint8Array): void {
  // The buffers are ours alone and never shared memory, so they can be given away.
  parentPort?.postMessage(message, pixels === undefined ? [] : [pixels.buffer as ArrayBuffer]);
}

parentPort?.on('message', (job: SketchJob) => {
  try {
    const result = drawSketch(job.request, job.partials, (pixels, index) =>
      send({ type: 'report', report: { kind: 'partial', pixels, index } }, pixels.data),
    );
    send({ type: 'report', report: { kind: 'result', result } }, result.pixels.data);
    send({ type: 'done' });
  } catch (error) {
    send({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
  }
});
