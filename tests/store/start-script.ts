/** Another process for tests to look at, and to kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Script {
  readonly pid: number;
  /** The first line that the script wrote, when it was ready. */
  readonly first_line: string;
  /** Lines after the first, as they come. */
  readonly lines: AsyncIterableIterator<string>;
  /** With -9; returns when the process is gone. */
  kill(): Promise<void>;
}

/** Starts a script of this folder (or at an absolute path) and waits for its first line. */
export async function startScript(file: string, args: readonly string[]): Promise<Script> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'scripts', file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error(`${file} did not start.`);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error(`${file} ended before it was ready.`);
  return {
    pid,
    first_line: first.value,
    lines,
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
