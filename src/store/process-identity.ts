/** Which process a pid is: pids are used again, in containers at once. */
import { readFile } from 'node:fs/promises';

/**
 * A text that no other process with this pid has had since the machine started (boot id and start time of Linux's
 * /proc); null where the process is gone or the system has no /proc.
 */
export async function processStart(pid: number): Promise<string | null> {
  const fields = await statFields(pid);
  if (fields === null) return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  // proc(5): starttime is field 22; the fields here begin with the third.
  return `${boot.trim()}:${fields[19]}`;
}

/** True while the process runs; a zombie does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // kill reports by code; EPERM: it lives, as another user.
  }
  const fields = await statFields(pid);
  return fields?.[0] !== 'Z';
}

/** True while the process runs and is the one that had this start (any with the pid when `start` is null). */
export async function isProcess(pid: number, start: string | null): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  return start === null || (await processStart(pid)) === start;
}

/** Fields of /proc/<pid>/stat from the third on: the second, the name, may hold anything, even spaces and brackets. */
async function statFields(pid: number): Promise<readonly string[] | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
