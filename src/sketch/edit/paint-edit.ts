import type { SketchRequest, SketchResult } from '../../contracts/engine.ts';
import type { Pixels } from '../../contracts/media.ts';
import type { Canvas } from '../raster/canvas.ts';
import { hashText, Random } from '../raster/random.ts';
import { combinePictures } from './combine-pictures.ts';
import { type EditMask, keepOutside, readMask } from './edit-mask.ts';
import type { EditCall } from './edit-rule.ts';
import { estimateSky } from './estimate-sky.ts';
import { type Instruction, proseOf, readInstructions } from './read-instructions.ts';
import { coverResize } from './resample.ts';
import { unknownEdit } from './unknown-edit.ts';

export interface EditHooks {
  /** Called after each step with the picture so far. */
  readonly onStep?: (canvas: Canvas, done: number, total: number) => void;
}

/**
 * Changes the first picture as the prompt asks, one instruction after the other, at `width` x `height`. Several pictures are made one
 * first. Outside a mask the picture stays as it was, to the byte. Deterministic in the request. Throws when there is no picture.
 */
export function paintEdit(request: SketchRequest, hooks: EditHooks = {}): SketchResult {
  const { canvas: start, says } = combinePictures(request);
  const understood = says === '' ? [] : [says];
  const mask = request.mask === undefined ? undefined : readMask(request.mask, request.width, request.height);
  const instructions = readInstructions(request.prompt, request.images.length, request.negative_prompt);
  let canvas = start;
  let sky: ReturnType<typeof estimateSky> | undefined;
  const seeds = new Random((request.seed ^ hashText(request.prompt)) >>> 0);
  const callOf = (instruction: Pick<Instruction, 'match' | 'clause' | 'amount'>, label: string): EditCall => ({
    ...instruction,
    canvas,
    request,
    random: seeds.fork(label),
    area: mask?.area ?? { left: 0, top: 0, width: canvas.width, height: canvas.height },
    sky: () => {
      sky ??= estimateSky(canvas);
      return sky;
    },
    ...(mask === undefined ? {} : { open: mask.open }),
  });
  instructions.forEach((instruction, index) => {
    const replaced = instruction.rule.apply(callOf(instruction, `${instruction.rule.id}${index}`));
    if (replaced !== undefined) {
      canvas = replaced;
      sky = undefined;
    }
    understood.push(saysOf(instruction));
    hooks.onStep?.(canvas, index + 1, instructions.length);
  });
  if (instructions.length === 0 && (request.images.length < 2 || mask !== undefined)) {
    const clause = proseOf(request.prompt);
    understood.push(unknownEdit(callOf({ match: nothing(clause), clause, amount: 1 }, 'unknown')));
  }
  if (mask !== undefined) keepOutsideOf(canvas, request, mask);
  return { pixels: { data: canvas.data, width: canvas.width, height: canvas.height }, understood };
}

function keepOutsideOf(canvas: Canvas, request: SketchRequest, mask: EditMask): void {
  const [first] = request.images;
  if (first === undefined) return;
  const same = first.width === canvas.width && first.height === canvas.height;
  const original: Pixels = same ? first : coverResize(first, canvas.width, canvas.height);
  keepOutside(canvas, original, mask);
}

function saysOf({ rule, match }: Instruction): string {
  const groups = match.slice(1).filter((group) => group !== undefined);
  return rule.says.replaceAll(/\$(\d)/g, (_all, number) => groups[Number(number) - 1] ?? '').trim();
}

/** A match of the whole text, for what no rule matched. */
function nothing(text: string): RegExpExecArray {
  const match = /^[\s\S]*$/.exec(text);
  if (match === null) throw new Error('A pattern of anything matches anything.');
  return match;
}
