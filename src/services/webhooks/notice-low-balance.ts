import { claimLowBalance } from '../../store/notices.ts';
import { insertEvent } from '../../store/webhook-events.ts';
import type { ServiceParts } from '../parts.ts';

type NoticeParts = Pick<ServiceParts, 'db' | 'bus' | 'clock' | 'log' | 'money'>;

/**
 * After a charge: once, when a live wallet has fallen below the mark, in the log and as `balance.low`; again when it
 * was above meanwhile. Never throws: the pictures are paid and delivered.
 */
export async function noticeLowBalance(parts: NoticeParts, account_id: string): Promise<void> {
  const { db, bus, clock, log, money } = parts;
  const mark_micros = money.low_balance_micros;
  const mode = 'live';
  try {
    const balance_micros = await db.transaction().execute(async (transaction) => {
      const balance = await claimLowBalance(transaction, account_id, mode, mark_micros);
      if (balance === null) return null;
      await insertEvent(transaction, {
        account_id,
        mode,
        type: 'balance.low',
        data: { object: 'balance', mode, currency: 'USD', balance_micros: balance, mark_micros },
        // One wallet is told of one crossing by one transaction: the time tells crossings apart.
        dedupe_key: `balance.low:${mode}:${clock.now()}`,
      });
      return balance;
    });
    if (balance_micros === null) return;
    log.warn({ account_id, balance_micros }, 'the wallet of an account runs low');
    bus.publish('delivery', '');
  } catch (error) {
    log.warn({ account_id, err: error }, 'a balance could not be looked at');
  }
}
