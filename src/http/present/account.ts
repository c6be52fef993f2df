import { z } from 'zod';
import type { AccountView, TopUpView, WalletView } from '../../contracts/money.ts';

const micros = (what: string) => z.int().describe(`${what}, in micro-dollars.`);

export const balanceSchema = z.object({
  object: z.literal('balance'),
  account_id: z.string(),
  mode: z.enum(['live', 'test']).describe('Test keys have a wallet of play money; it pays for nothing but tests.'),
  billing: z.enum(['prepaid', 'unmetered']).describe('`unmetered`: spend is recorded, and no balance limits it.'),
  currency: z.literal('USD'),
  balance_micros: micros('What was paid in and not spent'),
  held_micros: micros('Of it, what running requests may still cost'),
  available_micros: micros('What the next request may cost').nullable(),
  available: z.number().nullable().describe('The same in dollars; null = it has no end.'),
});

export const accountSchema = z.object({
  id: z.string(),
  object: z.literal('account'),
  name: z.string(),
  billing: z.enum(['prepaid', 'unmetered']),
  created_at: z.int().describe('Unix seconds.'),
  wallets: z.array(balanceSchema).describe('Live and test, apart.'),
});

export const topUpSchema = z.object({
  id: z.string(),
  object: z.literal('top_up'),
  account_id: z.string(),
  mode: z.enum(['live', 'test']),
  source: z.enum(['admin', 'stripe', 'start_credit']),
  reference: z.string().nullable(),
  currency: z.literal('USD'),
  amount_micros: micros('What reaches the wallet'),
  fee_micros: micros('The fee, on top of it'),
  paid_micros: micros('What is to be paid: amount and fee'),
  balance_micros: micros('The balance of the wallet now'),
  created_at: z.int().describe('Unix seconds.'),
});

const MICROS = 1_000_000;

export function presentBalance(wallet: WalletView): z.infer<typeof balanceSchema> {
  const { available_micros } = wallet;
  const available = available_micros === null ? null : available_micros / MICROS;
  return { object: 'balance', ...wallet, currency: 'USD', available };
}

export function presentAccount({ id, name, billing, created_at, wallets }: AccountView): z.infer<typeof accountSchema> {
  const seconds = Math.floor(created_at.getTime() / 1000);
  return { id, object: 'account', name, billing, created_at: seconds, wallets: wallets.map(presentBalance) };
}

export function presentTopUp({ created_at, ...topUp }: TopUpView): z.infer<typeof topUpSchema> {
  return { ...topUp, object: 'top_up', currency: 'USD', created_at: Math.floor(created_at.getTime() / 1000) };
}
