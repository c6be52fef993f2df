/** What pictures are called on disk. Pure. */
import { basename, dirname, extname, join } from 'node:path';
import type { PictureFormat } from '../contracts/media.ts';
import { usageError } from './cli-error.ts';

const extensions: Readonly<Record<string, PictureFormat>> = {
  png: 'png',
  jpg: 'jpeg',
  jpeg: 'jpeg',
  gif: 'gif',
  webp: 'webp',
  avif: 'avif',
};

const NAME_WORDS_MAX = 6;
const NAME_CHARACTERS_MAX = 48;

/** The format that `-o` and `--format` ask for; null when neither does. They must not contradict each other. */
export function chooseFormat(output: string | undefined, format: string | undefined): PictureFormat | null {
  const asked = format === undefined ? null : formatOf(format);
  if (asked === undefined) {
    throw usageError(`There is no format "${format}".`, `Use one of ${formatNames()}.`);
  }
  const extension = output === undefined ? '' : extname(output).slice(1);
  if (extension === '') return asked;
  const named = formatOf(extension);
  if (named === undefined) {
    throw usageError(
      `Pictures cannot be written as .${extension} (${output}).`,
      `End the name with one of ${formatNames('.')}.`,
    );
  }
  if (asked !== null && asked !== named) {
    throw usageError(`${output} and --format ${format} contradict each other.`, 'Drop --format, or change the name.');
  }
  return named;
}

/** `a red fox, in the snow!` becomes `a-red-fox-in-the-snow`. */
export function nameFromPrompt(prompt: string): string {
  const words = prompt
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter((word) => word !== '')
    .slice(0, NAME_WORDS_MAX)
    .join('-');
  return words.slice(0, NAME_CHARACTERS_MAX).replace(/-+$/, '') || 'picture';
}

/** `out.png`, `out-2.png`, `out-3.png`. A name without extension gets the one of its content type. */
export function numberedName(path: string, index: number, content_type: string): string {
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  return `${stem}${index === 0 ? '' : `-${index + 1}`}${extension || extensionOf(content_type)}`;
}

function extensionOf(content_type: string): string {
  const format = content_type.replace(/^image\//, '').replace(/;.*$/, '');
  return format === 'jpeg' ? '.jpg' : `.${formatOf(format) ?? 'bin'}`;
}

function formatOf(text: string): PictureFormat | undefined {
  const key = text.toLowerCase();
  return Object.hasOwn(extensions, key) ? extensions[key] : undefined;
}

function formatNames(before = ''): string {
  return Object.keys(extensions)
    .map((name) => before + name)
    .join(', ');
}
