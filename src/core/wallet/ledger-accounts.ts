/** Names of the ledger's accounts. A wallet is what we owe its owner; everything else is the house's or a provider's. */
export const ledgerAccounts = {
  wallet: (account_id: string): string => `wallet:${account_id}`,
  /** Money that was paid in. */
  cash: 'house:cash',
  fees: 'house:fees',
  /** Credit that the house gives for a start. */
  gifts: 'house:gifts',
  sales: 'house:sales',
  /** Stands in the place of a wallet for accounts of which the spend is only recorded. */
  unmetered: 'house:unmetered',
  /** What providers bill us, and what they may. */
  provider_costs: 'house:provider_costs',
  possible_costs: 'house:possible_costs',
  provider: (provider: string): string => `provider:${provider}`,
} as const;
