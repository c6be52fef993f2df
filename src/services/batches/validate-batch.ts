/** Reads the whole file before anything is held: all faults are told, or all lines are staged to be started together. */
import { setImmediate } from 'node:timers/promises';
import type { LineContext } from '../../contracts/batches.ts';
import type { CanonicalRequest } from '../../contracts/generation.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import { clearStaged, type StagedLine, stageLines } from '../../store/batch-lines.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import { chooseOffers } from '../choose-offers.ts';
import { findOwnFile } from '../files/manage-files.ts';
import { receivePicture } from '../receive-picture.ts';
import { endBatch } from './end-batch.ts';
import { faultsOf, LineFaults } from './line-faults.ts';
import { BatchLost, type BatchParts, callerOf, type Stepped } from './parts.ts';
import { type FileLine, readLines } from './read-lines.ts';
import { startBatch } from './start-batch.ts';

/** Lines whose pictures are being fetched at the same time. */
const LINES_AT_ONCE = 8;
const STAGED_AT_ONCE = 500;
const TURN_MS_MAX = 5;
/** Below what a row may hold: a prompt at its longest fits, in the longest form of its letters. */
const REQUEST_BYTES_MAX = 480_000;

/** A crash leaves nothing that counts: the file is read anew. */
export async function validateBatch(parts: BatchParts, batch: BatchRow): Promise<Stepped> {
  if (parts.clock.now() >= batch.expires_at.getTime()) return endBatch(parts, batch, { to: 'expired' });
  await clearStaged(parts.db, { id: batch.id, runner_id: parts.lease.runner_id });
  const reading = new Reading(parts, batch);
  try {
    const file = await findOwnFile(parts, reading.principal, batch.input_file_id, 'input_file_id');
    const { stream } = await parts.media.open(file.sha256);
    try {
      await reading.read(stream);
    } finally {
      stream.destroy();
    }
  } catch (error) {
    if (!(error instanceof GessoError)) throw error;
    const { code, message } = error;
    reading.faults.add(null, [{ code, message, param: 'input_file_id' }]);
  }
  const { faults, lines } = reading;
  if (faults.count === 0) return startBatch(parts, batch);
  return endBatch(parts, batch, { to: 'failed', set: { errors: faults.told(), total_count: lines } });
}

class Reading {
  readonly faults = new LineFaults();
  readonly principal: Principal;
  lines = 0;
  readonly #parts: BatchParts;
  readonly #batch: BatchRow;
  readonly #context: LineContext;
  readonly #names = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  #staged: StagedLine[] = [];
  #yielded_at = 0;

  constructor(parts: BatchParts, batch: BatchRow) {
    this.#parts = parts;
    this.#batch = batch;
    this.principal = callerOf(batch);
    const { endpoint, mode } = batch;
    this.#context = {
      endpoint,
      mode,
      principal: this.principal,
      receive: (source, param) => receivePicture(parts, this.principal, source, param),
    };
  }

  /** Rejects with what is no fault of the file. */
  async read(stream: AsyncIterable<Buffer>): Promise<void> {
    const { batch_lines_max } = this.#parts.file_limits;
    try {
      for await (const line of readLines(stream)) {
        if (this.#parts.stopping.aborted) throw new BatchLost(this.#batch.id);
        this.lines += 1;
        if (this.lines > batch_lines_max) {
          const message = `The file has more than ${batch_lines_max} requests: send them in several batches.`;
          this.faults.add(null, [{ code: 'too_many_tasks', message, param: 'input_file_id' }]);
          break;
        }
        await this.#take(line);
        if (this.#pending.size >= LINES_AT_ONCE) await Promise.race(this.#pending);
        if (this.#staged.length >= STAGED_AT_ONCE) await this.#stage();
        await this.#makeRoom();
      }
    } finally {
      await Promise.allSettled(this.#pending);
    }
    await Promise.all(this.#pending);
    await this.#stage();
    if (this.lines > 0) return;
    this.faults.add(null, [{ code: 'empty_file', message: 'The file has no requests.', param: 'input_file_id' }]);
  }

  /** Hundreds of lines come in one chunk of the file: others get their turn between them. */
  async #makeRoom(): Promise<void> {
    const now = this.#parts.clock.now();
    if (now - this.#yielded_at < TURN_MS_MAX) return;
    await setImmediate();
    this.#yielded_at = this.#parts.clock.now();
  }

  async #take({ number, bytes }: FileLine): Promise<void> {
    const { custom_id, faults, finish } = await this.#parts.wire.readLine(bytes, this.#context);
    this.faults.add(number, faults);
    if (custom_id !== null && this.#names.has(custom_id)) {
      const message = `The custom_id "${custom_id}" stands in a line before: it must be unique in a batch.`;
      this.faults.add(number, [{ code: 'duplicate_custom_id', message, param: 'custom_id' }]);
    }
    if (custom_id !== null) this.#names.add(custom_id);
    if (finish === null) return;
    const work = this.#decide(number, custom_id, finish);
    this.#pending.add(work);
    work.then(
      () => this.#pending.delete(work),
      // Left there, for whoever waits for all.
      () => undefined,
    );
  }

  /** Chooses and prices as for a request of its own. */
  async #decide(
    line: number,
    custom_id: string | null,
    finish: NonNullable<Awaited<ReturnType<BatchParts['wire']['readLine']>>['finish']>,
  ): Promise<void> {
    const { ids, randomSeed } = this.#parts;
    try {
      const { request, inputs } = await finish();
      refuseTooLong(request);
      const { model, offers } = chooseOffers(this.#parts, this.#batch.mode, request, inputs, this.principal.bounds);
      // What has a fault is not started: the rest is only looked at.
      if (custom_id === null || this.faults.count > 0) return;
      const brought = [
        ...inputs.images.map((picture, position) => ({ ...picture, role: 'reference' as const, position })),
        ...(inputs.mask === null ? [] : [{ ...inputs.mask, role: 'mask' as const, position: 0 }]),
      ];
      this.#staged.push({
        line,
        custom_id,
        generation_id: ids.next('gen'),
        staged: {
          kind: request.kind,
          model: model.id,
          // A parsed request holds nothing but JSON values.
          request: request as unknown as JsonObject,
          labels: request.labels,
          user: request.user ?? null,
          n: request.n,
          price: offers[0]?.price.components ?? [],
          held_micros: Math.max(...offers.map(({ price }) => price.total_micros)),
          seed: request.seed ?? randomSeed(),
          offers: offers.map((chosen) => ({
            pin: chosen.offer.pin,
            model: chosen.request.model,
            price: chosen.price,
          })),
          inputs: brought.map(({ blob_sha256: sha256, role, position, content_type, width, height, bytes }) => {
            return { id: ids.next('img'), sha256, role, position, content_type, width, height, bytes };
          }),
        },
      });
    } catch (error) {
      if (!(error instanceof GessoError)) throw error;
      this.faults.add(line, faultsOf(error));
    }
  }

  async #stage(): Promise<void> {
    const staged = this.#staged;
    this.#staged = [];
    if (staged.length === 0 || this.faults.count > 0) return;
    const { db, lease } = this.#parts;
    const { id } = this.#batch;
    if (!(await stageLines(db, { id, runner_id: lease.runner_id }, staged))) throw new BatchLost(id);
  }
}

/** What the database would refuse to hold would stop all lines together, and be nobody's fault. */
function refuseTooLong(request: CanonicalRequest): void {
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes <= REQUEST_BYTES_MAX) return;
  const message = `The request has ${bytes} bytes beside its pictures, and may have ${REQUEST_BYTES_MAX}: shorten its texts.`;
  throw new GessoError('payload_too_large', message);
}
