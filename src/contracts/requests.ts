/** History, usage and retention as the outside asks for them. Types only. */
import type { Applied, GenerationKind, Mode, PriceComponent } from './generation.ts';
import type { JsonObject } from './json.ts';
import type { Attempt, GenerationView } from './services.ts';

export interface RequestFilter {
  readonly status?: GenerationView['status'];
  /** An id, or an alias of one. */
  readonly model?: string;
  readonly key_id?: string;
  readonly tag?: string;
  /** Absent = all that the caller may see. */
  readonly mode?: Mode;
  /** From this moment on. */
  readonly created_after?: Date;
  /** Up to, and without, this moment. */
  readonly created_before?: Date;
  /** Leaves out what was deleted as a generation. */
  readonly without_deleted?: boolean;
}

export interface RequestQuery extends RequestFilter {
  /** 1 .. 100. */
  readonly limit: number;
  /** An id of the list: the page has what is older. */
  readonly starting_after?: string;
  /** An id of the list: the page has what is newer. */
  readonly ending_before?: string;
  /** Adds the sums over all that the filter lets through. */
  readonly summary: boolean;
}

export interface RequestSummary {
  readonly requests: number;
  readonly completed: number;
  readonly failed: number;
  readonly pictures: number;
  readonly cost_micros: number;
}

/** A line of the history. */
export interface RequestView {
  readonly id: string;
  readonly mode: Mode;
  readonly kind: GenerationKind;
  readonly status: GenerationView['status'];
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  /** When the payloads go; null = kept until deleted. */
  readonly expires_at: Date | null;
  /** Since when the payloads are gone; null = they are there. */
  readonly payloads_dropped_at: Date | null;
  readonly model: string;
  readonly executed_model: string | null;
  readonly provider: string | null;
  readonly provider_name: string | null;
  readonly key_id: string | null;
  readonly tag: string | null;
  readonly user: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** How many pictures were asked for, and how many came. */
  readonly n: number;
  readonly pictures: number;
  readonly held_micros: number;
  readonly cost_micros: number;
  readonly error: GenerationView['error'];
}

export interface RequestListing {
  /** Newest first. */
  readonly requests: readonly RequestView[];
  readonly has_older: boolean;
  readonly has_newer: boolean;
  readonly summary: RequestSummary | null;
}

/** One upstream try with its times and, for who administers, what it costs the house. */
export interface AttemptView extends Omit<Attempt, 'outcome'> {
  readonly seq: number;
  readonly outcome: Attempt['outcome'] | 'running';
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly house?: {
    readonly provider_job_id: string | null;
    /** By the provider's price list, at most. */
    readonly price_micros: number;
    readonly billed_micros: number | null;
    /** What may yet be billed for a call whose outcome is not known. */
    readonly possible_micros: number | null;
  };
}

export interface RequestDetail extends RequestView {
  /** What was held at admission: the most that it could cost. */
  readonly authorized_micros: number;
  /** Frozen at admission. */
  readonly price: readonly PriceComponent[];
  readonly attempts: readonly AttemptView[];
  readonly applied: readonly Applied[];
  readonly warnings: readonly string[];
  /** Prompt and parameters as they were read; null when they were dropped. */
  readonly request: JsonObject | null;
  /** Pictures that came with the request. They are never hosted. */
  readonly inputs: readonly {
    readonly role: 'reference' | 'mask';
    readonly content_type: string;
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
  }[];
  readonly media: GenerationView['media'];
}

export interface PurgeReport {
  readonly id: string;
  /** How many pictures went, references and masks included. */
  readonly pictures: number;
}

export type UsageDimension = 'day' | 'model' | 'provider' | 'key' | 'tag';

export interface UsageQuery extends Pick<RequestFilter, 'model' | 'key_id' | 'tag' | 'mode'> {
  readonly from: Date;
  /** The first moment that does not count any more. */
  readonly to: Date;
  /** Never empty. */
  readonly group_by: readonly UsageDimension[];
}

export interface UsageReport {
  readonly from: Date;
  readonly to: Date;
  readonly mode: Mode;
  readonly group_by: readonly UsageDimension[];
  /** Each with one value for each dimension asked for. */
  readonly rows: readonly (RequestSummary & { readonly [dimension in UsageDimension]?: string | null })[];
  readonly total: RequestSummary;
}

export interface RetentionView {
  /** What holds for what is made from now on. */
  readonly retention_days: number;
  /** Whether the account has a rule of its own, or the server's. */
  readonly source: 'account' | 'server';
}
