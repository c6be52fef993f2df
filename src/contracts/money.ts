/** Accounts, wallets and the ledger, as the outside sees them. Types only. Amounts are integer micro-dollars. */
import type { Mode } from './generation.ts';

export type Billing = 'prepaid' | 'unmetered';

export interface WalletView {
  readonly account_id: string;
  readonly mode: Mode;
  readonly billing: Billing;
  readonly balance_micros: number;
  /** Of the balance, what running generations may still cost. */
  readonly held_micros: number;
  /** What the next request may cost; null = it has no end. */
  readonly available_micros: number | null;
}

export interface AccountWish {
  readonly name: string;
  readonly billing: Billing;
}

export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly billing: Billing;
  readonly created_at: Date;
  readonly wallets: readonly WalletView[];
}

export interface TopUpWish {
  readonly mode: Mode;
  /** What shall reach the wallet; above 0. */
  readonly amount_micros: number;
  /** What the payment is called where it was made; null = nothing. The same one is never counted twice. */
  readonly reference: string | null;
  /** Only tells what it would cost. */
  readonly dry_run: boolean;
}

export interface TopUpView {
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly source: 'admin' | 'stripe' | 'start_credit';
  readonly reference: string | null;
  readonly amount_micros: number;
  readonly fee_micros: number;
  /** Amount and fee. */
  readonly paid_micros: number;
  /** Of the wallet, now. */
  readonly balance_micros: number;
  readonly created_at: Date;
}

/** What one account of the ledger was credited and debited, ever. */
export interface LedgerBalance {
  readonly mode: Mode;
  /** `house:sales`, `provider:fal`, …; wallets all together as `wallets`. */
  readonly account: string;
  readonly credited_micros: number;
  readonly debited_micros: number;
}

export interface RefundView {
  readonly generation_id: string;
  /** What was given back: 0 when nothing was left to give. */
  readonly amount_micros: number;
}

export interface LedgerFault {
  readonly rule: string;
  /** What the fault is about: a wallet, a generation, a payment, an attempt. */
  readonly subject: string;
  readonly expected_micros: number;
  readonly found_micros: number;
}

export interface LedgerReport {
  readonly wallets: number;
  readonly transfers: number;
  readonly generations: number;
  /** Empty = the books agree. */
  readonly faults: readonly LedgerFault[];
}

/** A page where a card pays, or with no id what it would cost. */
export interface CheckoutView {
  readonly id: string | null;
  readonly url: string | null;
  readonly amount_micros: number;
  readonly fee_micros: number;
  readonly paid_micros: number;
}
