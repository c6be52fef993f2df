import { expect, test } from 'vitest';
import { chooseFormat, nameFromPrompt, numberedName } from './file-names.ts';

test.each([
  ['a red fox in the snow', 'a-red-fox-in-the-snow'],
  ['A Red Fox, in the "snow" at night!', 'a-red-fox-in-the-snow'],
  ['Caffè Florian: crème brûlée', 'caffe-florian-creme-brulee'],
  ['../../etc/passwd', 'etc-passwd'],
  ['冬天的狐狸', '冬天的狐狸'],
  ['!!!', 'picture'],
  ['', 'picture'],
  ['a'.repeat(100), 'a'.repeat(48)],
])('names a picture of %j', (prompt, name) => {
  expect(nameFromPrompt(prompt)).toBe(name);
});

test.each([
  [undefined, undefined, null],
  ['out', undefined, null],
  ['out.png', undefined, 'png'],
  ['out.JPG', undefined, 'jpeg'],
  ['out.jpg', 'jpeg', 'jpeg'],
  ['out', 'webp', 'webp'],
  [undefined, 'jpg', 'jpeg'],
  ['dir.d/out', undefined, null],
])('-o %s --format %s asks for %s', (output, format, expected) => {
  expect(chooseFormat(output, format)).toBe(expected);
});

test.each([
  ['out.bmp', undefined, /cannot be written as \.bmp/],
  ['out.png', 'webp', /contradict/],
  [undefined, 'tiff', /no format "tiff"/],
  [undefined, 'constructor', /no format/],
])('-o %s --format %s is wrong usage', (output, format, message) => {
  expect(() => chooseFormat(output, format)).toThrow(
    expect.objectContaining({ exit_code: 2, message: expect.stringMatching(message) }),
  );
});

test.each([
  ['out.png', 0, 'image/png', 'out.png'],
  ['out.png', 1, 'image/png', 'out-2.png'],
  ['dir/out.webp', 9, 'image/webp', 'dir/out-10.webp'],
  ['out', 0, 'image/jpeg', 'out.jpg'],
  ['out', 2, 'image/avif; x=1', 'out-3.avif'],
  ['/abs/out.gif', 0, 'image/gif', '/abs/out.gif'],
])('%s, picture %i of %s is %s', (path, index, content_type, expected) => {
  expect(numberedName(path, index, content_type)).toBe(expected);
});
