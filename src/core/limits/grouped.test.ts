import { describe, expect, test } from 'vitest';
import { Grouped } from './grouped.ts';

/** Doubles numbers; a group with 13 in it fails, and of a group only what comes before a 0 is done. */
function doubler(items_max = 10) {
  const groups: string[] = [];
  const gates: (() => void)[] = [];
  const grouped = new Grouped<number, number | null>({
    items_max,
    work: async (name, items) => {
      groups.push(`${name}: ${items.join(' ')}`);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (items.includes(13)) throw new Error('13');
      const end = items.length > 1 && items.includes(0) ? items.indexOf(0) : items.length;
      return items.map((item, index) => (index < end ? item * 2 : null));
    },
    mayDoBetterAlone: (result) => result === null,
  });
  const settle = async (): Promise<void> => {
    // A gate that opens may lead to the next group.
    for (let idle = 0; idle < 5; ) {
      const gate = gates.shift();
      gate?.();
      idle = gate === undefined ? idle + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { grouped, groups, settle };
}

describe('a group', () => {
  test('takes what comes at once, and what comes while it works makes the next', async () => {
    const { grouped, groups, settle } = doubler();
    const early = [1, 2].map((item) => grouped.run('a', item));
    await new Promise((resolve) => setImmediate(resolve));
    const late = [3, 4, 5].map((item) => grouped.run('a', item));
    await settle();
    expect(await Promise.all([...early, ...late])).toEqual([2, 4, 6, 8, 10]);
    expect(groups).toEqual(['a: 1 2', 'a: 3 4 5']);
  });

  test('is no larger than it may be', async () => {
    const { grouped, groups, settle } = doubler(2);
    const all = [1, 2, 3].map((item) => grouped.run('a', item));
    await settle();
    await Promise.all(all);
    expect(groups).toEqual(['a: 1 2', 'a: 3']);
  });

  test('of another name does not wait', async () => {
    const { grouped, groups, settle } = doubler();
    const all = [grouped.run('a', 1), grouped.run('b', 2)];
    await new Promise((resolve) => setImmediate(resolve));
    expect(groups).toEqual(['a: 1', 'b: 2']);
    await settle();
    await Promise.all(all);
  });
});

describe('alone', () => {
  test('is tried what a group refused for the sake of others', async () => {
    const { grouped, groups, settle } = doubler();
    const all = [1, 0, 3].map((item) => grouped.run('a', item));
    await settle();
    expect(await Promise.all(all)).toEqual([2, 0, 6]);
    expect(groups).toEqual(['a: 1 0 3', 'a: 0', 'a: 3']);
  });

  test('is tried every item of a group that failed, and only the one at fault fails', async () => {
    const { grouped, settle } = doubler();
    const all = Promise.allSettled([1, 13, 3].map((item) => grouped.run('a', item)));
    await settle();
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const after = grouped.run('a', 4);
    await settle();
    expect(await after).toBe(8);
  });
});
