import { expect, test } from 'vitest';
import { GessoError } from '../../core/errors.ts';
import { ifThere } from './event-reader.ts';

test('what is gone is null, and any other failure is one', async () => {
  expect(await ifThere(async () => 'there')).toBe('there');
  expect(await ifThere(() => Promise.reject(new GessoError('not_found')))).toBe(null);
  await expect(ifThere(() => Promise.reject(new GessoError('internal_error')))).rejects.toThrow(GessoError);
});
