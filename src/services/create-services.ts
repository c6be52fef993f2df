import type { Services } from '../contracts/services.ts';
import { authenticate } from './authenticate.ts';
import { backUp } from './back-up.ts';
import { createBatchServices } from './batches/manage-batches.ts';
import { cancelGeneration } from './cancel-generation.ts';
import { deleteGeneration } from './delete-generation.ts';
import { dryRun } from './dry-run.ts';
import { createFileServices } from './files/file-services.ts';
import { generate } from './generate.ts';
import { getGeneration } from './get-generation.ts';
import { getRequest } from './get-request.ts';
import { listGenerations } from './list-generations.ts';
import { listRequests } from './list-requests.ts';
import {
  createAccount,
  getAccount,
  getBalance,
  ledgerBalances,
  listAccounts,
  refund,
  topUp,
  verifyLedger,
} from './manage-accounts.ts';
import { changeKey, createKey, getKey, listKeys, revokeKey } from './manage-keys.ts';
import type { ServiceParts } from './parts.ts';
import { purgePayloads } from './purge-payloads.ts';
import { receivePicture } from './receive-picture.ts';
import { reportUsage } from './report-usage.ts';
import { rotateKey } from './rotate-key.ts';
import { setAccountLimits } from './set-account-limits.ts';
import { setRetention } from './set-retention.ts';
import { startCheckout } from './stripe/start-checkout.ts';
import { takeStripeEvent } from './stripe/take-stripe-event.ts';
import { submitGeneration } from './submit-generation.ts';
import { listTagBudgets, setTagBudget } from './tag-budgets.ts';
import { takeProviderEvent } from './take-provider-event.ts';
import { takeRate } from './take-rate.ts';
import { waitForGeneration } from './wait-for-generation.ts';
import { watchGeneration } from './watch-generation.ts';
import { createWebhookServices } from './webhooks/create-webhook-services.ts';

/** Hands every use case its parts, so that the outside only brings what a request brought. */
export function createServices(parts: ServiceParts): Services {
  return {
    authenticate: (token) => authenticate(parts, token),
    receivePicture: (principal, source, param) => receivePicture(parts, principal, source, param),
    generate: (principal, request, inputs, hooks) => generate(parts, principal, request, inputs, hooks),
    submitGeneration: (principal, request, inputs, hooks) => submitGeneration(parts, principal, request, inputs, hooks),
    getGeneration: (principal, id) => getGeneration(parts, principal, id),
    waitForGeneration: (principal, id, wish) => waitForGeneration(parts, principal, id, wish),
    watchGeneration: (principal, id, signal, onChange) => watchGeneration(parts, principal, id, signal, onChange),
    listGenerations: (principal, query) => listGenerations(parts, principal, query),
    cancelGeneration: (principal, id) => cancelGeneration(parts, principal, id),
    deleteGeneration: (principal, id) => deleteGeneration(parts, principal, id),
    listRequests: (principal, query) => listRequests(parts, principal, query),
    getRequest: (principal, id) => getRequest(parts, principal, id),
    purgePayloads: (principal, id) => purgePayloads(parts, principal, id),
    reportUsage: (principal, query) => reportUsage(parts, principal, query),
    getRetention: (principal) => parts.retention.view(principal.account_id),
    setRetention: (principal, days, account_id) => setRetention(parts, principal, days, account_id),
    dryRun: async (principal, request, inputs) => dryRun(parts, principal, request, inputs),
    takeRequest: (principal) => takeRate(parts, principal, 'requests', 1),
    createKey: (principal, wish) => createKey(parts, principal, wish),
    listKeys: (principal, account_id) => listKeys(parts, principal, account_id),
    getKey: (principal, id) => getKey(parts, principal, id),
    changeKey: (principal, id, change) => changeKey(parts, principal, id, change),
    rotateKey: (principal, id, grace_ms) => rotateKey(parts, principal, id, grace_ms),
    revokeKey: (principal, id) => revokeKey(parts, principal, id),
    listTagBudgets: (principal) => listTagBudgets(parts, principal),
    setTagBudget: (principal, tag, mode, budget) => setTagBudget(parts, principal, tag, mode, budget),
    setAccountLimits: (principal, account_id, limits) => setAccountLimits(parts, principal, account_id, limits),
    getBalance: (principal) => getBalance(parts, principal),
    createAccount: (principal, wish) => createAccount(parts, principal, wish),
    listAccounts: (principal) => listAccounts(parts, principal),
    getAccount: (principal, id) => getAccount(parts, principal, id),
    topUp: (principal, account_id, wish) => topUp(parts, principal, account_id, wish),
    startCheckout: (principal, wish) => startCheckout(parts, principal, wish),
    takeStripeEvent: (body, signature) => takeStripeEvent(parts, body, signature),
    takeProviderEvent: (provider, headers, readBody) => takeProviderEvent(parts, provider, headers, readBody),
    refund: (principal, generation_id, amount_micros) => refund(parts, principal, generation_id, amount_micros),
    webhooks: createWebhookServices(parts),
    ledgerBalances: (principal) => ledgerBalances(parts, principal),
    backUp: (principal, wish) => backUp(parts, principal, wish),
    verifyLedger: (principal) => verifyLedger(parts, principal),
    ...createFileServices(parts),
    ...createBatchServices(parts),
  };
}
