import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createLog, redactLine } from './create-log.ts';

const base64 = 'iVBORw0KGgo/'.repeat(30);

const lines: ReadonlyArray<readonly [string, string]> = [
  ['key sk-live-abcDEF123_-x is used', 'key sk-live-[redacted] is used'],
  ['sk-local-test-0123456789', 'sk-local-test-[redacted]'],
  ['upstream said: Incorrect API key sk-proj-abcdef', 'upstream said: Incorrect API key sk-[redacted]'],
  ['{"authorization":"Bearer abc.def"}', '{"authorization":"Bearer [redacted]"}'],
  [`{"image":"data:image/png;base64,${base64}","n":1}`, '{"image":"[data URL]","n":1}'],
  [`{"image":"data:image/png;base64,${base64.replaceAll('/', '\\/')}"}`, '{"image":"[data URL]"}'],
  [`body ${base64}== end`, 'body [base64] end'],
  ['risk-free, a task-list and sk- are words', 'risk-free, a task-list and sk- are words'],
  ['gen_dqh97b7s1c69chtb5z4bndjc1c', 'gen_dqh97b7s1c69chtb5z4bndjc1c'],
];
it.each(lines)('%.40s', (line, expected) => {
  expect(redactLine(line)).toBe(expected);
});

it('hides secrets wherever they are put', () => {
  const written: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  const log = createLog('info', destination);
  log.info({ headers: { authorization: 'hunter2-a', cookie: 'hunter2-b' }, token: 'hunter2-c' }, 'Bearer hunter2-d');
  log.error({ err: new Error(`refused sk-live-hunter2e1 data:image/png;base64,${base64}`) }, 'failed');
  log.child({ password: 'hunter2-f' }).info('child');
  const text = written.join('');
  expect(text).toContain('"msg":"failed"');
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain('iVBOR');
});
