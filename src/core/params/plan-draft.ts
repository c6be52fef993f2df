/** A plan while it is being made: what is sent so far, and what has become of each parameter. */
import type { Applied, CanonicalRequest, ReferenceFacts } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import type { Model, Offer } from '../catalog/catalog.ts';
import { UpstreamBody } from './upstream-body.ts';

export interface PlanInputs {
  readonly request: CanonicalRequest;
  readonly model: Model;
  readonly offer: Offer;
  /** In the caller's order. */
  readonly references: readonly ReferenceFacts[];
  readonly mask: ReferenceFacts | null;
}

export class PlanDraft {
  readonly inputs: PlanInputs;
  readonly body = new UpstreamBody();
  readonly applied: Applied[] = [];
  readonly warnings: string[] = [];
  dishonoured = 0;
  /** The prompt with what was folded into it. */
  prompt: string;

  constructor(inputs: PlanInputs) {
    this.inputs = inputs;
    this.prompt = inputs.request.prompt;
  }

  tell(param: string, behaviour: Applied['behaviour'], from: JsonValue, to: JsonValue, note?: string): void {
    this.applied.push({ param, behaviour, from, to, ...(note === undefined ? {} : { note }) });
  }

  /** Tells that nothing is sent; `counts` where the caller loses something by it. */
  ignore(param: string, from: JsonValue, note: string, counts: boolean): void {
    this.tell(param, 'ignored', from, null, note);
    if (counts) this.dishonoured += 1;
  }

  /** Same name and value = passthrough, another name = renamed, another value = converted. */
  tellSent(param: string, from: JsonValue, path: string, to: JsonValue, note?: string): void {
    const isSame = JSON.stringify(from) === JSON.stringify(to);
    const behaviour = !isSame ? 'converted' : path === param ? 'passthrough' : 'renamed';
    const parts = [path === param ? undefined : `Sent as \`${path}\`.`, note].filter((part) => part !== undefined);
    this.tell(param, behaviour, from, to, parts.length === 0 ? undefined : parts.join(' '));
  }
}
