import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function linesOf(text: string, size: number, take = Infinity): Promise<string[]> {
  const found: string[] = [];
  for await (const { number, bytes } of readLines(chunksOf(text, size))) {
    const parts: Buffer[] = [];
    for await (const part of bytes) {
      parts.push(part);
      if (parts.length >= take) break;
    }
    found.push(`${number}:${Buffer.concat(parts).toString()}`);
  }
  return found;
}

const files: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['', []],
  ['\n\n', []],
  ['a', ['1:a']],
  ['a\n', ['1:a']],
  ['a\n\n', ['1:a']],
  ['a\r\nbb\r\n', ['1:a\r', '2:bb\r']],
  ['\n  \nab c\n\r\n \td', ['3:ab c', '5: \td']],
  ['äö\nü', ['1:äö', '2:ü']],
];
test.each(files)('%j', async (text, expected) => {
  for (const size of [1, 2, 3, 100]) expect(await linesOf(text, size), `chunks of ${size}`).toEqual(expected);
});

test('what is left of a line is skipped', async () => {
  expect(await linesOf('abcdef\nghijkl\nmn', 2, 1)).toEqual(['1:ab', '2:g', '3:mn']);
});
