import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

test('no more requests than the limit, and each leaves once', () => {
  const inFlight = new InFlight({ requests_max: 2, body_bytes_max: 100 });
  const first = inFlight.enter(0, 0);
  inFlight.enter(0, 0);
  expect(() => inFlight.enter(0, 0)).toThrow(expect.objectContaining({ code: 'overloaded', retry_after_ms: 1000 }));
  first.leave();
  first.leave();
  expect(inFlight.requests).toBe(1);
  expect(() => inFlight.enter(0, 2)).toThrow('as much in hand');
  inFlight.enter(0, 1);
});

test('no more bytes than the limit until a body has been read; one that is larger alone', () => {
  const inFlight = new InFlight({ requests_max: 10, body_bytes_max: 100 });
  const large = inFlight.enter(500, 0);
  expect(() => inFlight.enter(1, 0)).toThrow('as much in hand');
  large.bodyRead();
  large.leave();
  inFlight.enter(60, 0);
  const other = inFlight.enter(40, 0);
  expect(() => inFlight.enter(1, 0)).toThrow('as much in hand');
  other.leave();
  expect(inFlight.body_bytes).toBe(60);
});
