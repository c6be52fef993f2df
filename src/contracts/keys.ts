/** Keys: what they may do, what bounds them, and what they may spend. */
import type { Mode, UnknownParamsPolicy } from './generation.ts';

export type Scope = 'generate' | 'read' | 'manage' | 'admin';

/** An absent limit is none; an absent burst is what comes in ten seconds, and at least 10. */
export interface RateSettings {
  readonly requests_per_minute?: number;
  readonly requests_burst?: number;
  readonly images_per_minute?: number;
  readonly images_burst?: number;
}

/** Of a key: it binds the keys that are made under it too. */
export interface BoundSettings extends RateSettings {
  /** Globs over ids and aliases of models; absent = all. */
  readonly models?: readonly string[];
  /** Globs over ids of providers; absent = all. */
  readonly providers?: readonly string[];
  /** What requests are booked under that bear no tag of their own. */
  readonly tag?: string;
}

export interface Bound {
  readonly kind: 'key' | 'account';
  readonly id: string;
  readonly settings: BoundSettings;
}

/** Where the caller stands with the tightest of its limits. */
export interface RateView {
  readonly unit: 'requests' | 'images';
  readonly per_minute: number;
  /** What may be had at once now. */
  readonly remaining: number;
  /** Milliseconds until as much may be had at once as ever. */
  readonly reset_ms: number;
}

export interface RateVerdict {
  /** Null = no limit. */
  readonly view: RateView | null;
  /** Why not, when it was not taken. */
  readonly refusal: { readonly message: string; readonly retry_after_ms: number } | null;
}

export interface KeySettings extends BoundSettings {
  readonly response_format?: 'url' | 'b64_json' | 'both';
  readonly unknown_params?: UnknownParamsPolicy;
}

export interface KeyWish {
  readonly mode: Mode | 'admin';
  readonly name: string;
  readonly settings?: KeySettings;
  /** Null = never. */
  readonly expires_at?: Date | null;
  /** Whose it is; absent = the caller's own. Only the operator makes keys for others. */
  readonly account_id?: string;
  /** Absent = all that keys of this mode are made with. */
  readonly scopes?: readonly Scope[];
  /** The key that it is made under, whose limits bind it too; null = none. */
  readonly parent_id?: string | null;
  readonly budget?: Budget;
}

/** Null = none. */
export interface Budget {
  readonly monthly_budget_micros: number | null;
  readonly total_budget_micros: number | null;
}

/** With what was charged and is held. */
export interface BudgetView extends Budget {
  /** This month, in UTC. */
  readonly month_spent_micros: number;
  readonly total_spent_micros: number;
}

export interface TagBudgetView extends BudgetView {
  readonly tag: string;
  readonly mode: Mode;
}

/** What is absent stays as it is; null takes it away. */
export interface KeyChange {
  readonly name?: string;
  readonly scopes?: readonly Scope[];
  readonly expires_at?: Date | null;
  readonly budget?: Partial<Budget>;
  readonly settings?: { readonly [K in keyof KeySettings]?: KeySettings[K] | null };
}

/** What may be shown of a key at any time: the key itself is shown once, when it is made. */
export interface KeyView {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode | 'admin';
  readonly name: string;
  readonly prefix: string;
  readonly last_four: string;
  readonly scopes: readonly Scope[];
  readonly settings: KeySettings;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly parent_id: string | null;
  /** The new key while it is being rotated, and until when the old one is good at most. */
  readonly next_last_four: string | null;
  readonly hash_until: Date | null;
  /** Null = it cannot spend. */
  readonly budget: BudgetView | null;
}
