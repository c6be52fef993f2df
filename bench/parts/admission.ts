/**
 * How many requests a second get through the door: idempotency key, budget of the key, wallet and generation written
 * durably, in groups per account.
 */
import { createHash } from 'node:crypto';
import { createAdmissionGroups } from '../../src/services/admit.ts';
import { insertAccount } from '../../src/store/accounts.ts';
import { setKeyBudget } from '../../src/store/budgets.ts';
import type { NewGeneration } from '../../src/store/generations.ts';
import { insertKey } from '../../src/store/keys.ts';
import { insertTopUp } from '../../src/store/ledger.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { makeDataDirectory } from '../support/server-process.ts';

const SECONDS = 5;
/** Callers that wait for their answer before they ask again. */
const CALLERS = 256;
const GOAL_HOT = 3000;
const HELD_MICROS = 30_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export const admission: BenchPart = {
  name: 'admission',
  async run() {
    const directory = await makeDataDirectory();
    const database = await openDatabase({
      data_dir: directory.path,
      embedded: 'postgres',
      pool_max: 10,
      log: { info() {}, warn() {}, error() {} },
    });
    await migrate(database);
    const figures: Figure[] = [
      {
        name: `admissions, one hot account, ${CALLERS} callers`,
        value: await rate(database.db, 'hot', 1),
        unit: 'requests/s',
        goal: { above: GOAL_HOT },
      },
      {
        name: `admissions, 100 accounts, ${CALLERS} callers`,
        value: await rate(database.db, 'many', 100),
        unit: 'requests/s',
      },
    ];
    await database.close();
    await directory.remove();
    return figures;
  },
};

async function rate(db: Db, name: string, accounts: number): Promise<number> {
  const ids = Array.from({ length: accounts }, (_, index) => `acc_${name}_${index}`);
  const created_at = new Date();
  for (const id of ids) {
    await insertAccount(db, { id, name: id, billing: 'prepaid', created_at });
    const payment = { account_id: id, mode: 'live', source: 'admin', reference: null, fee_micros: 0 } as const;
    await insertTopUp(db, { ...payment, id: `top_${id}`, amount_micros: 1e12, created_at });
    await makeKey(db, id, created_at);
  }
  const groups = createAdmissionGroups(db, { runner_id: 'run_bench', lease_ms: 60_000 });
  const until = performance.now() + SECONDS * 1000;
  let admitted = 0;
  let asked = 0;
  const call = async (account_id: string): Promise<void> => {
    while (performance.now() < until) {
      const { is_admitted } = await groups.run(account_id, newGeneration(`gen_${name}_${asked++}`, account_id));
      if (is_admitted) admitted++;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, index) => call(ids[index % accounts] ?? '')));
  return admitted / SECONDS;
}

async function makeKey(db: Db, account_id: string, created_at: Date): Promise<void> {
  const id = `key_${account_id}`;
  await insertKey(db, {
    id,
    account_id,
    mode: 'live',
    name: id,
    hash: createHash('sha256').update(id).digest(),
    prefix: 'sk-live-',
    last_four: 'wxyz',
    scopes: ['generate', 'read'],
    settings: {},
    created_at,
    expires_at: null,
  });
  await setKeyBudget(db, id, { monthly_budget_micros: 1e12, total_budget_micros: 1e12 });
}

function newGeneration(id: string, account_id: string): NewGeneration {
  return {
    id,
    account_id,
    key_id: `key_${account_id}`,
    mode: 'live',
    kind: 'text_to_image',
    model: 'bytedance/seedream-4.0',
    request: { prompt: 'a lighthouse in a storm, oil on canvas', n: 1, size: '1024x1024', kind: 'text_to_image' },
    labels: {},
    user: null,
    n: 1,
    created_at: new Date(),
    expires_at: null,
    held_micros: HELD_MICROS,
    idempotency: {
      key: id,
      body_sha256: createHash('sha256').update(id).digest('hex'),
      replaces: null,
      expires_at: new Date(Date.now() + DAY_MS),
    },
  };
}
