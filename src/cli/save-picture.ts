/** Puts pictures on disk under the names that were asked for. */
import { createWriteStream } from 'node:fs';
import { access, constants, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { nameFromPrompt, numberedName } from './file-names.ts';

export interface Target {
  /** With or without extension. */
  readonly path: string;
  /** A name that the user gave is written over, as every tool does; a name that we chose never is. */
  readonly overwrite: boolean;
}

/** Throws CliError when nothing could be written there. */
export async function chooseTarget(output: string | undefined, prompt: string): Promise<Target> {
  const name = nameFromPrompt(prompt);
  const target = await placeOf(output, name);
  const directory = dirname(target.path);
  await access(directory, constants.W_OK).catch((cause: unknown) => {
    throw new CliError(`${output ?? name} cannot be written: there is no directory ${directory}, or it is not yours.`, {
      fix: `Make it with \`mkdir -p ${directory}\`, or choose another place with -o.`,
      cause,
    });
  });
  return target;
}

async function placeOf(output: string | undefined, name: string): Promise<Target> {
  if (output === undefined) return { path: name, overwrite: false };
  const isDirectory = output.endsWith('/') || (await stat(output).catch(() => null))?.isDirectory() === true;
  if (!isDirectory) return { path: output, overwrite: true };
  await mkdir(output, { recursive: true });
  return { path: join(output, name), overwrite: false };
}

/** A picture as the API's answer names it. */
export interface HostedPicture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly content_type: string;
}

export interface SavedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly content_type: string;
  readonly bytes: number;
  /** Where the server hosts it; null when it was drawn in this process, which is gone by then. */
  readonly url: string | null;
}

/** Whole or not at all: a download that breaks off leaves no half picture under the name. */
export async function savePicture(
  client: ApiClient,
  picture: HostedPicture,
  target: Target,
  index: number,
): Promise<SavedPicture> {
  const { url, width, height, content_type } = picture;
  const wanted = numberedName(target.path, index, content_type);
  const path = target.overwrite ? wanted : await freeName(wanted);
  const draft = `${path}.part`;
  try {
    await pipeline(await client.download(url), createWriteStream(draft));
    const { size: bytes } = await stat(draft);
    await rename(draft, path);
    return { path, width, height, content_type, bytes, url: client.url === null ? null : url };
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function freeName(path: string): Promise<string> {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${stem}.${number}${extension}`;
    const isTaken = await access(name).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
}
