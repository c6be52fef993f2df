import type { BatchFault, LineFault } from '../../contracts/batches.ts';
import type { GessoError } from '../../core/errors.ts';

const TOLD_MAX = 300;
/** A fault may quote what a client sent. */
const MESSAGE_CHARS_MAX = 1_000;

/** The faults of a file, line by line: the first some hundred of them, and how many there are. */
export class LineFaults {
  #faults: BatchFault[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(line: number | null, faults: readonly LineFault[]): void {
    this.#count += faults.length;
    for (const { code, message, param } of faults) {
      this.#faults.push({ code, message: message.slice(0, MESSAGE_CHARS_MAX), param, line });
    }
    // Lines do not end in their order: those that are kept are the first all the same.
    if (this.#faults.length > 2 * TOLD_MAX) this.#faults = this.#first();
  }

  told(): BatchFault[] {
    const told = this.#first();
    const left = this.#count - told.length;
    if (left === 0) return told;
    return [...told, { code: 'too_many_faults', message: `There are ${left} more faults.`, param: null, line: null }];
  }

  #first(): BatchFault[] {
    return this.#faults.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)).slice(0, TOLD_MAX);
  }
}

/** What a request would be told, each fault under its place in the line. */
export function faultsOf({ code, message, param, details }: GessoError): LineFault[] {
  const place = (name: string): string => `body.${name}`;
  if (details.length === 0) return [{ code, message, param: param === null ? 'body' : place(param) }];
  return details.map((detail) => ({
    code,
    message: [detail.message, detail.fix].filter(Boolean).join(' '),
    param: place(detail.param),
  }));
}
