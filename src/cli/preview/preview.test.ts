import { expect, test } from 'vitest';
import { openTerminal } from '../terminal.ts';
import { testWorld } from '../test-world.ts';
import { choosePreview } from './choose-preview.ts';
import { halfBlocks } from './half-blocks.ts';
import { itermPicture } from './iterm.ts';
import { kittyPicture } from './kitty.ts';
import { showPreview } from './show-preview.ts';

test.each([
  [{ KITTY_WINDOW_ID: '1', TERM: 'xterm-kitty' }, true, 'kitty'],
  [{ TERM: 'xterm-kitty' }, false, 'kitty'],
  [{ TERM_PROGRAM: 'ghostty', TERM: 'xterm-256color' }, true, 'kitty'],
  [{ TERM_PROGRAM: 'iTerm.app' }, true, 'iterm'],
  [{ TERM_PROGRAM: 'WezTerm', COLORTERM: 'truecolor' }, true, 'iterm'],
  [{ LC_TERMINAL: 'iTerm2', TERM: 'xterm-256color' }, true, 'iterm'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, true, 'half_blocks'],
  [{ TERM: 'xterm-256color', COLORTERM: '24bit' }, true, 'half_blocks'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, false, 'none'],
  [{ TERM: 'xterm-256color' }, true, 'none'],
  [{ TERM: 'dumb', KITTY_WINDOW_ID: '1' }, true, 'none'],
  [{ TMUX: '/tmp/x', KITTY_WINDOW_ID: '1', COLORTERM: 'truecolor' }, true, 'half_blocks'],
  [{ TERM: 'screen-256color', TERM_PROGRAM: 'iTerm.app' }, true, 'none'],
  [{}, true, 'none'],
])('%j with colour %s shows by %s', (env, hasColor, kind) => {
  expect(choosePreview(env, hasColor)).toBe(kind);
});

test('kitty gets base64 in chunks of at most 4096, all but the last marked m=1', () => {
  const png = Uint8Array.from({ length: 7000 }, (_, i) => i % 251);
  const text = kittyPicture(png, 12);
  // Each escape code begins with ESC _G and ends with ESC \.
  const chunks = text
    .split('\x1b\\')
    .slice(0, -1)
    .map((code) => code.replace('\x1b_G', '').split(';'));
  expect(chunks.map(([control]) => control)).toEqual(['a=T,f=100,q=2,r=12,m=1', 'm=1', 'm=0']);
  for (const [, payload] of chunks) expect(payload?.length).toBeLessThanOrEqual(4096);
  expect(Buffer.from(chunks.map(([, payload]) => payload).join(''), 'base64')).toEqual(Buffer.from(png));
  expect(text.endsWith('\x1b\\\n')).toBe(true);
});

test('a small picture is one chunk', () => {
  expect(kittyPicture(Uint8Array.of(1, 2, 3), 1)).toBe('\x1b_Ga=T,f=100,q=2,r=1,m=0;AQID\x1b\\\n');
});

test('iTerm2 gets the file with its size', () => {
  expect(itermPicture(Uint8Array.of(1, 2, 3), 5)).toBe(
    '\x1b]1337;File=inline=1;size=3;height=5;preserveAspectRatio=1:AQID\x07\n',
  );
});

test('half blocks hold two pixels a letter, repeat no colour, and end with an odd row', () => {
  const red = [255, 0, 0, 255];
  const clear = [255, 255, 255, 0];
  const data = Uint8Array.from([...red, ...red, ...clear, ...clear, ...red, ...clear]);
  expect(halfBlocks({ width: 2, height: 3, data })).toBe(
    '\x1b[38;2;255;0;0;48;2;0;0;0m▀▀\x1b[0m\n\x1b[38;2;255;0;0m▀\x1b[38;2;0;0;0m▀\x1b[0m\n',
  );
});

test('a preview that cannot be made is told in one line, and is no fault', async () => {
  const parts = { decodePicture: () => Promise.reject(new Error('it is damaged')) };
  const world = testWorld({ columns: 80, env: { COLORTERM: 'truecolor' }, parts });
  await showPreview(world, openTerminal(world.stderr, world.env), 'x.png');
  expect(world.err()).toContain('(no preview: it is damaged)');
});

test('nothing is shown where nobody looks', async () => {
  const world = testWorld({ env: { COLORTERM: 'truecolor', TERM: 'xterm-kitty' } });
  await showPreview(world, openTerminal(world.stderr, world.env), 'x.png');
  expect(world.err()).toBe('');
});
