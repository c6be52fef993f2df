import { expect, test } from 'vitest';
import { createCheckTarget } from './check-target.ts';

const names: Readonly<Record<string, string[]>> = {
  'public.example': ['93.184.216.34'],
  'inside.example': ['10.1.2.3'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
};

const check = createCheckTarget({
  allow_hosts: ['localhost:9000', '192.168.5.0/24'],
  resolve: async (hostname) => {
    const found = names[hostname];
    if (found === undefined) throw new Error('ENOTFOUND');
    return found.map((address) => ({ address, family: 4 }));
  },
});

test.each([
  ['https://public.example/hook', false],
  ['https://nowhere.example/hook', false],
  ['http://localhost:9000/hook', true],
  ['http://192.168.5.7/hook', true],
])('%s may be called, trusted: %s', async (url, is_trusted) => {
  expect(await check(url)).toMatchObject({ is_trusted });
});

test.each([
  ['https://inside.example/hook', 'private_address'],
  ['https://mixed.example/hook', 'private_address'],
  ['https://127.0.0.1/hook', 'private_address'],
  ['https://0x7f.1/hook', 'private_address'],
  ['https://[::1]/hook', 'private_address'],
  ['https://[::ffff:10.0.0.1]/hook', 'private_address'],
  ['https://169.254.169.254/latest', 'private_address'],
  ['https://localhost:9001/hook', 'bad_url'],
  ['https://public.example:25/hook', 'bad_url'],
  ['https://me:secret@public.example/', 'bad_url'],
  ['ftp://public.example/', 'bad_url'],
])('%s is refused: %s', async (url, kind) => {
  await expect(check(url)).rejects.toMatchObject({ kind });
});
