/** `gesso generate`: a prompt in, picture files out. */
import type { ApiClient } from '../api-client.ts';
import { connect } from '../connect.ts';
import { chooseFormat } from '../file-names.ts';
import { formatBytes, formatCost, formatSeconds } from '../format-values.ts';
import { type ImageWish, imageRequest } from '../image-request.ts';
import { showPreview } from '../preview/show-preview.ts';
import { chooseTarget, type HostedPicture, type SavedPicture, savePicture } from '../save-picture.ts';
import { startSpinner } from '../spinner.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

export interface GenerateOptions extends ImageWish {
  readonly output?: string;
  readonly format?: string;
  readonly test: boolean;
  readonly preview: boolean;
  readonly json: boolean;
}

/** What `POST /v1/images/…` answers, as far as it is read here. */
interface ImageAnswer {
  readonly data: readonly HostedPicture[];
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
  const request = await imageRequest(prompt, format, options);
  const spinner = startSpinner(world.stderr, terminal, world.now, 'Looking for Gesso');
  let client: ApiClient | null = null;
  try {
    client = await connect(world, { mode: options.test ? 'test' : 'live', onWait: (what) => spinner.say(what) });
    spinner.say(describeWork(options));
    const started_at = world.now();
    const answer = (await client.json(request)) as ImageAnswer; // Our own API's answer.
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
