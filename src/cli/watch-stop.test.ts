import { expect, test } from 'vitest';
import { testWorld } from './test-world.ts';
import { watchStop } from './watch-stop.ts';

test('the first signal asks to finish, a second ends at once', async () => {
  const world = testWorld();
  let said = 0;
  const { requested } = watchStop(world, () => said++);
  world.send('SIGINT');
  expect(await requested).toBe('SIGINT');
  world.pass(3000);
  expect(world.exits).toEqual([]);
  world.send('SIGINT');
  expect(world.exits).toEqual([130]);
  expect(said).toBe(1);
});

test('one press that arrives twice, by way of npm, is one press', () => {
  const world = testWorld();
  watchStop(world, () => {});
  world.send('SIGINT');
  world.pass(20);
  world.send('SIGINT');
  expect(world.exits).toEqual([]);
});

test('after release nothing is heard', () => {
  const world = testWorld();
  watchStop(world, () => {}).release();
  world.send('SIGTERM');
  world.pass(3000);
  world.send('SIGTERM');
  expect(world.exits).toEqual([]);
});
