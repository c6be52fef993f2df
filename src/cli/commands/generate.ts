/** `gesso generate`: a prompt in, picture files out. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { access, constants, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { AppRequest } from '../../contracts/app.ts';
import type { PictureFormat } from '../../contracts/media.ts';
import type { ApiClient } from '../api-client.ts';
import { CliError, usageError } from '../cli-error.ts';
import { connect } from '../connect.ts';
import { chooseFormat, nameFromPrompt, numberedName } from '../file-names.ts';
import { formatBytes, formatCost, formatSeconds } from '../format-values.ts';
import { showPreview } from '../preview/show-preview.ts';
import { startSpinner } from '../spinner.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

export interface GenerateOptions {
  readonly output?: string;
  readonly model: string;
  readonly size?: string;
  readonly seed?: number;
  readonly n: number;
  readonly format?: string;
  readonly edit: readonly string[];
  readonly mask?: string;
  readonly test: boolean;
  readonly preview: boolean;
  readonly json: boolean;
}

interface SavedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly content_type: string;
  readonly bytes: number;
  /** Where the server hosts it; null when it was drawn in this process, which is gone by then. */
  readonly url: string | null;
}

/** What `POST /v1/images/…` answers (design 3.3), as far as it is read here. */
interface ImageAnswer {
  readonly data: ReadonlyArray<{
    readonly url: string;
    readonly width: number;
    readonly height: number;
    readonly content_type: string;
  }>;
  readonly metadata: {
    readonly request_id: string;
    readonly mode: 'live' | 'test';
    readonly model: string;
    readonly executed_model: string;
    readonly provider: string;
    readonly cost_micros: number;
    readonly applied: ReadonlyArray<{ readonly param: string; readonly behaviour: string; readonly note?: string }>;
    readonly warnings: readonly string[];
  };
}

export async function generate(world: CliWorld, prompt: string, options: GenerateOptions): Promise<void> {
  const terminal = openTerminal(world.stderr, world.env);
  const format = chooseFormat(options.output, options.format);
  // Everything that can be known to fail is tried before anybody is asked to draw, which may cost money.
  const target = await chooseTarget(options.output, prompt);
  const request = await buildRequest(prompt, format, options);
  const spinner = startSpinner(world.stderr, terminal, world.now, 'Looking for Gesso');
  let client: ApiClient | null = null;
  try {
    client = await connect(world, { mode: options.test ? 'test' : 'live', onWait: (what) => spinner.say(what) });
    spinner.say(describeWork(options));
    const started_at = world.now();
    const answer = (await client.json(request)) as ImageAnswer; // Our own API, as design 3.3 has it.
    const elapsed_ms = world.now() - started_at;
    spinner.say('Fetching');
    const pictures: SavedPicture[] = [];
    for (const [index, picture] of answer.data.entries()) {
      pictures.push(await savePicture(client, picture, target, index));
    }
    spinner.stop();
    await report(world, terminal, { answer, pictures, elapsed_ms, options });
  } finally {
    spinner.stop();
    await client?.close();
  }
}

function describeWork({ model, n, edit }: GenerateOptions): string {
  const what = n > 1 ? `${n} pictures` : 'one picture';
  return `${edit.length > 0 ? 'Editing' : 'Drawing'} ${what} with ${model}`;
}

interface Target {
  /** With or without extension. */
  readonly path: string;
  /** A name that the user gave is written over, as every tool does; a name that we chose never is. */
  readonly overwrite: boolean;
}

async function chooseTarget(output: string | undefined, prompt: string): Promise<Target> {
  if (output === undefined) return { path: nameFromPrompt(prompt), overwrite: false };
  const isDirectory = output.endsWith('/') || (await stat(output).catch(() => null))?.isDirectory() === true;
  if (isDirectory) {
    await mkdir(output, { recursive: true });
    return { path: join(output, nameFromPrompt(prompt)), overwrite: false };
  }
  const directory = dirname(output);
  await access(directory, constants.W_OK).catch((cause: unknown) => {
    throw new CliError(`${output} cannot be written: there is no directory ${directory}, or it is not yours.`, {
      fix: `Make it with \`mkdir -p ${directory}\`, or choose another place with -o.`,
      cause,
    });
  });
  return { path: output, overwrite: true };
}

async function buildRequest(
  prompt: string,
  format: PictureFormat | null,
  options: GenerateOptions,
): Promise<AppRequest> {
  const { model, size, seed, n, edit, mask } = options;
  const fields = {
    model,
    prompt,
    n,
    // Pictures then come as files, in streams of their own, and not as base64 inside one answer.
    response_format: 'url',
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    ...(format === null ? {} : { output_format: format }),
  };
  if (edit.length === 0) {
    if (mask !== undefined) throw usageError('--mask needs a picture to edit.', 'Name it with --edit in.png.');
    return {
      method: 'POST',
      path: '/v1/images/generations',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  for (const path of edit) form.append(edit.length === 1 ? 'image' : 'image[]', await openFile(path), basename(path));
  if (mask !== undefined) form.set('mask', await openFile(mask), basename(mask));
  return multipartRequest('/v1/images/edits', form);
}

/** The platform writes the multipart body; the files in it are read from disk as they are sent. */
function multipartRequest(path: string, form: FormData): AppRequest {
  const encoded = new Response(form);
  return {
    method: 'POST',
    path,
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    // The web's and Node's types of the same stream differ in name only; a Response of a form has a body.
    body: Readable.fromWeb(encoded.body as ReadableStream),
  };
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (cause) {
    throw usageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

/** Whole or not at all: a download that breaks off leaves no half picture under the name. */
async function savePicture(
  client: ApiClient,
  picture: ImageAnswer['data'][number],
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

/** What Gesso does for every model that does not do it by itself: no news to anybody. */
const ourDoing = new Set(['n', 'response_format', 'output_format']);

interface Outcome {
  readonly answer: ImageAnswer;
  readonly pictures: readonly SavedPicture[];
  readonly elapsed_ms: number;
  readonly options: GenerateOptions;
}

async function report(world: CliWorld, terminal: Terminal, outcome: Outcome): Promise<void> {
  const { answer, pictures, elapsed_ms, options } = outcome;
  const { request_id, mode, model, executed_model, provider, cost_micros, applied, warnings } = answer.metadata;
  if (options.json) {
    const result = {
      request_id,
      mode,
      model,
      executed_model,
      provider,
      cost_micros,
      elapsed_ms,
      pictures,
      applied,
      warnings,
    };
    world.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  for (const picture of pictures) {
    if (options.preview) await showPreview(world, terminal, picture.path);
    const { width, height, bytes } = picture;
    const facts = `${width}x${height}  ${formatBytes(bytes)}`;
    terminal.line(`${terminal.paint(['bold', 'green'], picture.path)}  ${terminal.paint('dim', facts)}`);
    // A program that reads us gets the paths, one a line; a person has just read them.
    if (world.stdout.isTTY !== true) world.stdout.write(`${picture.path}\n`);
  }
  const served = executed_model === model ? model : `${model} by ${executed_model}`;
  const cost = mode === 'test' ? `${formatCost(cost_micros)} of test money` : formatCost(cost_micros);
  terminal.line(terminal.paint('dim', [served, formatSeconds(elapsed_ms), cost].join(' · ')));
  for (const { param, behaviour, note } of applied) {
    if (behaviour !== 'ignored' && (behaviour !== 'emulated' || ourDoing.has(param))) continue;
    terminal.line(terminal.paint('dim', `${param} was ${behaviour}${note === undefined ? '' : `: ${note}`}`));
  }
  for (const warning of warnings) terminal.line(`${terminal.paint('yellow', 'warning:')} ${warning}`);
}
