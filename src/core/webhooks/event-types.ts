/** What customers can be told, as data: the API lists it, checks wishes by it and documents it. */
export interface EventType {
  readonly type: string;
  readonly description: string;
}

export const eventTypes: readonly EventType[] = [
  { type: 'generation.completed', description: 'A generation has delivered. `data` is the generation.' },
  { type: 'generation.failed', description: 'A generation has failed; nothing is charged. `data` is the generation.' },
  { type: 'generation.canceled', description: 'A generation was canceled. `data` is the generation.' },
  { type: 'batch.completed', description: 'A batch has run to its end. `data` is the batch.' },
  { type: 'batch.failed', description: 'A batch was refused for the faults of its lines. `data` is the batch.' },
  { type: 'batch.expired', description: 'A batch ran out of time; what was done is kept. `data` is the batch.' },
  { type: 'batch.cancelled', description: 'A batch was cancelled; what was done is kept. `data` is the batch.' },
  {
    type: 'balance.low',
    description:
      'The live wallet has fallen below the mark; said once until it is above again. `data`: `object` ("balance"), `mode`, `currency`, `balance_micros`, `mark_micros`.',
  },
  {
    type: 'budget.reached',
    description:
      'A request was refused by a budget for the first time in its period. `data`: `object` ("budget"), `mode`, `currency`, `key_id` or `tag`, `period` (monthly or total), `month`, `budget_micros`, `spent_micros` (charged and held).',
  },
];

/** Sent by the test call alone, to an endpoint of any wish. */
export const TEST_EVENT = 'webhook.test';
