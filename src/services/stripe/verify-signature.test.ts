import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifySignature } from './verify-signature.ts';

const secret = 'whsec_test';
const now = 1_795_132_800_000;
const body = Buffer.from('{"id":"evt_1"}');
const sign = (time: number, key = secret, bytes = body) =>
  createHmac('sha256', key).update(`${time}.`).update(bytes).digest('hex');
const time = now / 1000;

test.each([
  ['signed just now', `t=${time},v1=${sign(time)}`, true],
  ['one of two signatures, while a secret is changed', `t=${time},v1=${sign(time, 'old')},v1=${sign(time)}`, true],
  ['signed with another secret', `t=${time},v1=${sign(time, 'other')}`, false],
  ['other bytes', `t=${time},v1=${sign(time, secret, Buffer.from('{}'))}`, false],
  ['another time than was signed', `t=${time + 1},v1=${sign(time)}`, false],
  ['a recording', `t=${time - 301},v1=${sign(time - 301)}`, false],
  ['from the future', `t=${time + 301},v1=${sign(time + 301)}`, false],
  ['of the scheme for tests', `t=${time},v0=${sign(time)}`, false],
  ['half a signature', `t=${time},v1=${sign(time).slice(0, 32)}`, false],
  ['no time', `v1=${sign(time)}`, false],
  ['none', null, false],
])('%s', (_name, header, right) => {
  expect(verifySignature(body, header, secret, now)).toBe(right);
});
