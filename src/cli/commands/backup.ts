/** `gesso backup` and `gesso restore`: everything that Gesso keeps, in one file. */
import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, usageError } from '../cli-error.ts';
import { connect } from '../connect.ts';
import { formatBytes } from '../format-values.ts';
import { startSpinner } from '../spinner.ts';
import { openTerminal } from '../terminal.ts';
import { watchStop } from '../watch-stop.ts';
import type { BackupProgress, BackupReport, CliWorld } from '../world.ts';

const STDIN = 0;
const STDOUT = 1;

/** Written under another name, read once more from the disk, and only then given its own. */
export async function backUp(
  world: CliWorld,
  file: string,
  { media, json }: { readonly media: boolean; readonly json: boolean },
): Promise<void> {
  const isPiped = file === '-';
  if (isPiped && json) throw usageError('`-` and --json both want stdout.', 'Name a file, or leave --json out.');
  if (!isPiped) await requireDirectory(file);
  const waiting = startSpinner(world.stderr, openTerminal(world.stderr, world.env), world.now, 'Asking for a snapshot');
  const stopping = new AbortController();
  const stop = watchStop(world, () => {});
  void stop.requested.then(() => stopping.abort(new CliError('Stopped: nothing was kept.')));
  try {
    const client = await connect(world, { mode: 'live', onWait: waiting.say });
    try {
      const body = await client.stream({ method: 'GET', path: `/v1/admin/backup?media=${media}` });
      const job = { body, say: waiting.say, signal: stopping.signal };
      if (isPiped) await copy(job, createWriteStream('', { fd: STDOUT, autoClose: false }));
      else tell(world, file, await keep(world, job, file), json, waiting.stop);
    } finally {
      await client.close();
    }
  } catch (error) {
    throw stopping.signal.aborted ? stopping.signal.reason : error;
  } finally {
    waiting.stop();
    stop.release();
  }
}

interface BackupJob {
  readonly body: Readable;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

async function keep(world: CliWorld, job: BackupJob, file: string): Promise<BackupReport & { readonly bytes: number }> {
  const draft = `${file}.part`;
  try {
    await rm(draft, { force: true });
    // It holds prompts and hashes of keys: for its owner alone, from its first byte.
    await copy(job, createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }));
    const written = createReadStream(draft, { signal: job.signal });
    const report = await world.parts.checkBackup(written, (progress) =>
      job.say(`Reading it back: ${counts(progress)}`),
    );
    const { size: bytes } = await stat(draft);
    await rename(draft, file);
    return { ...report, bytes };
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function copy({ body, say, signal }: BackupJob, target: NodeJS.WritableStream): Promise<void> {
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      say(`Taking the backup: ${formatBytes(bytes)}`);
      yield chunk;
    }
  };
  await pipeline(body, counted, target, { signal }).catch((cause: unknown) => {
    // A server that fails in the middle of an answer can only break it off.
    if (!isConnectionError(cause)) throw cause;
    throw new CliError('The backup broke off: the server stopped, or could not go on. Its log says why.', {
      fix: 'Run it again; nothing was kept of this one.',
      cause,
    });
  });
}

function isConnectionError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof TypeError || ['UND_ERR_SOCKET', 'ECONNRESET', 'LIGHT_ECONNRESET'].includes(code);
}

function tell(
  world: CliWorld,
  file: string,
  report: BackupReport & { readonly bytes: number },
  json: boolean,
  ready: () => void,
): void {
  ready();
  if (json) {
    world.stdout.write(`${JSON.stringify({ object: 'backup', file, ...report }, null, 2)}\n`);
    return;
  }
  const terminal = openTerminal(world.stdout, world.env);
  terminal.line(`${file}: ${summary(report)}; ${formatBytes(report.bytes)}, read back and whole.`);
  if (report.blobs_missing > 0) terminal.line(`${report.blobs_missing} pictures were not in the media store any more.`);
  if (!report.media)
    terminal.line('Pictures and files are not in it: back up their directory or bucket too, or use --media.');
  terminal.line(
    'Keep it safe: it holds prompts and hashes of keys. Keep GESSO_SECRET too, apart from it: it is not in it.',
  );
}

/** Resolves to the exit code: 1 when the books in the backup do not agree. */
export async function restore(world: CliWorld, file: string, { json }: { readonly json: boolean }): Promise<number> {
  if (world.env.GESSO_URL) {
    throw usageError(
      'A backup is restored where the server is going to run, not through GESSO_URL.',
      'Unset GESSO_URL, and set DATABASE_URL or GESSO_DATA_DIR to the empty database.',
    );
  }
  const source = await openSource(file);
  const waiting = startSpinner(world.stderr, openTerminal(world.stderr, world.env), world.now, 'Opening the database');
  const stop = watchStop(world, () => {});
  void stop.requested.then(() => source.destroy(new CliError('Stopped: nothing was restored.')));
  try {
    const report = await world.parts.restoreBackup(world.env, source, (progress) =>
      waiting.say(`Restoring: ${counts(progress)}`),
    );
    waiting.stop();
    if (json) world.stdout.write(`${JSON.stringify({ object: 'restore', ...report }, null, 2)}\n`);
    else tellRestored(world, report);
    return report.ledger.faults === 0 ? 0 : 1;
  } finally {
    waiting.stop();
    stop.release();
  }
}

function tellRestored(world: CliWorld, report: Awaited<ReturnType<CliWorld['parts']['restoreBackup']>>): void {
  const terminal = openTerminal(world.stdout, world.env);
  const { ledger, created_at, gesso_version, database } = report;
  terminal.line(
    `Restored into ${database}: ${summary(report)}, as they were at ${created_at} (Gesso ${gesso_version}).`,
  );
  terminal.line(
    ledger.faults === 0
      ? `The books agree: ${ledger.transfers} transfers, ${ledger.wallets} wallets, ${ledger.generations} generations.`
      : `The books do not agree in ${ledger.faults} places, as they did not in the backup: see \`gesso ledger verify\`.`,
  );
  if (!report.media)
    terminal.line('Pictures and files were not in it: they are shown if their directory or bucket is here.');
  if (report.is_same_secret !== false) return;
  terminal.line(
    'GESSO_SECRET is another one than where the backup was made: webhook signatures and sign-ins of then are not ' +
      "good here. Before the first start, set GESSO_SECRET to the old one, or copy the old data directory's file `secret`.",
  );
}

async function openSource(file: string): Promise<Readable> {
  if (file === '-') return createReadStream('', { fd: STDIN, autoClose: false });
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new CliError(`There is no file ${file}, or it is not yours to read.`, { cause });
  });
  return createReadStream(file);
}

async function requireDirectory(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((cause: unknown) => {
    throw new CliError(`${file} cannot be written: there is no directory ${dirname(file)}, or it is not yours.`, {
      cause,
    });
  });
}

function summary({ rows, blobs }: BackupReport): string {
  return counts({ rows: Object.values(rows).reduce((sum, count) => sum + count, 0), blobs });
}

function counts({ rows, blobs }: BackupProgress): string {
  return `${rows} rows${blobs > 0 ? ` and ${blobs} pictures or files` : ''}`;
}
