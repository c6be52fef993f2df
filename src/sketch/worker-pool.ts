import { Worker } from 'node:worker_threads';

/** A worker answers each job with any number of reports and one end; what is transferred it names itself. */
export type WorkerMessage<Report> =
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: Error };

export interface WorkerPoolOptions {
  readonly url: URL;
  readonly workers: number;
  readonly idle_ms: number;
}

export interface RunOptions<Report> {
  readonly signal?: AbortSignal;
  readonly onReport: (report: Report) => void;
}

export interface WorkerPool<Job, Report> {
  /** Resolves when the job is done. Rejects with the signal's reason, the worker's error, or that the pool was closed. */
  run(job: Job, options: RunOptions<Report>): Promise<void>;
  /** Threads that live now. */
  size(): number;
  close(): Promise<void>;
}

interface Task<Job, Report> {
  readonly job: Job;
  readonly onReport: (report: Report) => void;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Member<Job, Report> {
  readonly worker: Worker;
  task: Task<Job, Report> | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * Threads that are started when work waits and none is free, and closed when idle. One job a thread. An aborted job's thread is ended,
 * since a painter in the middle of a loop hears nothing; the next job starts another. So is a thread that crashed.
 */
export function createWorkerPool<Job, Report>(options: WorkerPoolOptions): WorkerPool<Job, Report> {
  const members = new Set<Member<Job, Report>>();
  const queue: Task<Job, Report>[] = [];
  let closed = false;

  const dismiss = (member: Member<Job, Report>): Promise<number> => {
    members.delete(member);
    clearTimeout(member.idleTimer);
    return member.worker.terminate();
  };

  const finish = (member: Member<Job, Report>): Task<Job, Report> | undefined => {
    const { task } = member;
    member.task = undefined;
    return task;
  };

  const fail = (member: Member<Job, Report>, reason: unknown): void => {
    members.delete(member);
    clearTimeout(member.idleTimer);
    finish(member)?.reject(reason);
    advance();
  };

  const start = (): Member<Job, Report> => {
    const member: Member<Job, Report> = { worker: new Worker(options.url), task: undefined, idleTimer: undefined };
    members.add(member);
    member.worker.on('message', (message: WorkerMessage<Report>) => {
      if (message.type === 'report') {
        member.task?.onReport(message.report);
        return;
      }
      const task = finish(member);
      if (message.type === 'done') task?.resolve();
      else task?.reject(message.error);
      advance();
    });
    member.worker.on('error', (error) => fail(member, error));
    member.worker.on('exit', (code) => {
      if (members.has(member)) fail(member, new Error(`A worker thread ended by itself with code ${code}.`));
    });
    return member;
  };

  const rest = (member: Member<Job, Report>): void => {
    if (member.idleTimer !== undefined) return;
    // An idle thread must not keep the process alive.
    member.worker.unref();
    member.idleTimer = setTimeout(() => void dismiss(member), options.idle_ms);
    member.idleTimer.unref();
  };

  const advance = (): void => {
    while (queue.length > 0) {
      const free = [...members].find((member) => member.task === undefined);
      if (free === undefined && members.size >= options.workers) break;
      const task = queue.shift();
      if (task === undefined) break;
      give(free ?? start(), task);
    }
    for (const member of members) if (member.task === undefined) rest(member);
  };

  const give = (member: Member<Job, Report>, task: Task<Job, Report>): void => {
    clearTimeout(member.idleTimer);
    member.idleTimer = undefined;
    member.worker.ref();
    member.task = task;
    member.worker.postMessage(task.job);
  };

  const abandon = (task: Task<Job, Report>): void => {
    const waiting = queue.indexOf(task);
    if (waiting >= 0) queue.splice(waiting, 1);
    const member = [...members].find((candidate) => candidate.task === task);
    if (member === undefined) return;
    finish(member);
    void dismiss(member);
    advance();
  };

  return {
    run(job, { signal, onReport }) {
      return new Promise<void>((resolve, reject) => {
        if (closed) {
          reject(new Error('The worker pool is closed.'));
          return;
        }
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          abandon(task);
          reject(signal?.reason);
        };
        const settled = (): void => signal?.removeEventListener('abort', onAbort);
        const task: Task<Job, Report> = {
          job,
          onReport,
          resolve: () => {
            settled();
            resolve();
          },
          reject: (reason) => {
            settled();
            reject(reason);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        queue.push(task);
        advance();
      });
    },
    size: () => members.size,
    async close() {
      closed = true;
      const reason = new Error('The worker pool is closed.');
      for (const task of queue.splice(0)) task.reject(reason);
      for (const member of members) finish(member)?.reject(reason);
      await Promise.all([...members].map(dismiss));
    },
  };
}
