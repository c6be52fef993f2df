import { expect, it } from 'vitest';
import type { BatchStatus } from '../../contracts/batches.ts';
import { batchFollowers, batchStatuses, statusesBefore, unfinishedStatuses } from './batch-status.ts';

const before: ReadonlyArray<readonly [BatchStatus, readonly BatchStatus[]]> = [
  ['validating', []],
  ['in_progress', ['validating']],
  ['failed', ['validating']],
  ['finalizing', ['in_progress']],
  ['cancelling', ['validating', 'in_progress']],
  ['completed', ['finalizing']],
  ['expired', ['validating', 'finalizing']],
  ['cancelled', ['cancelling']],
];
it.each(before)('%s follows %j', (status, expected) => {
  expect(statusesBefore(status)).toEqual(expected);
});

it('every state is in the list, and those that something follows are the unfinished ones', () => {
  expect([...batchStatuses].sort()).toEqual(Object.keys(batchFollowers).sort());
  expect(batchStatuses.filter((status) => batchFollowers[status].length > 0)).toEqual([...unfinishedStatuses]);
});
