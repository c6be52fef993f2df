import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addC2pa, asSharp, makeFile, makePixels } from '../../tests/media/make-pictures.ts';
import { openTestDatabase } from '../../tests/store/database-under-test.ts';
import type { ReferenceChange } from '../contracts/generation.ts';
import type { MediaStore, PictureFormat, StoredPicture } from '../contracts/media.ts';
import { WeightedSemaphore } from '../core/limits/weighted-semaphore.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { createFileMediaStore } from '../media/file-media-store.ts';
import { probePicture } from '../media/probe-picture.ts';
import type { Database } from '../store/open-database.ts';
import { createRandomIds } from '../system/random-ids.ts';
import { prepareReferences } from './prepare-references.ts';

let directory: string;
let database: Database;
let media: MediaStore;
const clock = { now: () => Date.now() };
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-prepare-'));
  database = await openTestDatabase();
  media = createFileMediaStore({ directory, ids: createRandomIds(), clock });
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true, force: true });
});

async function stored(format: PictureFormat, file: Buffer): Promise<StoredPicture> {
  const { sha256, bytes } = await media.put(file, { bytes_max: 1e9 });
  const { content_type, width, height, has_alpha } = await probePicture(file, { pixels_max: 1e9 });
  return { blob_sha256: sha256, bytes, content_type, format, width, height, has_alpha };
}

const change = (fields: Partial<ReferenceChange>): ReferenceChange => ({
  index: 0,
  reduce_to: null,
  format: null,
  bytes_max: null,
  taken: null,
  ...fields,
});

async function prepared(
  images: StoredPicture[],
  reference_changes: ReferenceChange[],
  mask: StoredPicture | null = null,
) {
  const parts = { db: database.db, clock, media, pixelBudget: new WeightedSemaphore(1e9), image_bytes_max: 1e8 };
  return prepareReferences(parts, { offer_id: 'bfl/x', reference_changes }, { images, mask });
}

async function probed({ blob_sha256 }: StoredPicture) {
  return probePicture(await buffer((await media.open(blob_sha256)).stream), { pixels_max: 1e9 });
}

/** Noise, which no encoder makes small. */
function noise(side: number) {
  const pixels = makePixels(side, side);
  let state = 1;
  for (let index = 0; index < pixels.data.length; index++) {
    state = (state * 48_271) % 2_147_483_647;
    if (index % 4 !== 3) pixels.data[index] = state;
  }
  return pixels;
}

test('a picture is reduced and converted, its facts are those of its bytes, and the others are left alone', async () => {
  const first = await stored('gif', await makeFile('gif', makePixels(200, 100)));
  const second = await stored('png', addC2pa.png(await makeFile('png')));
  const { images } = await prepared(
    [first, second],
    [change({ reduce_to: { width: 100, height: 50 }, format: 'png' })],
  );
  expect(images[1]).toBe(second);
  const [made] = images;
  expect(made).toMatchObject({ width: 100, height: 50, format: 'png', content_type: 'image/png' });
  expect(await probed(made ?? first)).toMatchObject({ width: 100, height: 50, format: 'png' });
  const row = await database.db
    .selectFrom('blobs')
    .select('bytes')
    .where('sha256', '=', made?.blob_sha256 ?? '')
    .executeTakeFirst();
  expect(row?.bytes).toBe(made?.bytes); // so that it is collected when nothing points to it
});

test('a picture that is too heavy is encoded until it is light enough, and what shows through stays so', async () => {
  const heavy = await stored('png', await asSharp(noise(300)).removeAlpha().png().toBuffer());
  const bytes_max = 20_000;
  expect(heavy.bytes).toBeGreaterThan(bytes_max);
  const { images } = await prepared([heavy], [change({ bytes_max })]);
  expect(images[0]?.bytes).toBeLessThanOrEqual(bytes_max);
  expect(images[0]?.format).toBe('jpeg');
  const clear = await stored(
    'png',
    await makeFile(
      'png',
      makePixels(300, 300, (x) => x % 256),
    ),
  );
  const kept = await prepared(
    [clear],
    [change({ bytes_max: Math.floor(clear.bytes / 2), taken: ['image/png', 'image/webp'] })],
  );
  expect(kept.images[0]).toMatchObject({ format: 'webp', has_alpha: true });
  expect(await probed(kept.images[0] ?? clear)).toMatchObject({ has_alpha: true });
});

test('what cannot be made small enough is the limit of that offer alone', async () => {
  const heavy = await stored('png', await makeFile('png', noise(300)));
  const error = await prepared([heavy], [change({ bytes_max: 50 })]).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ProviderFault);
  expect(error).toMatchObject({ fault: 'offer_limit', param: 'image[0]' });
});

test('a mask is reduced with the picture that it lies over', async () => {
  const picture = await stored('png', await makeFile('png', makePixels(200, 100)));
  const mask = await stored(
    'png',
    await makeFile(
      'png',
      makePixels(200, 100, (x) => (x < 100 ? 0 : 255)),
    ),
  );
  const { mask: made } = await prepared([picture], [change({ reduce_to: { width: 50, height: 25 } })], mask);
  expect(made).toMatchObject({ width: 50, height: 25, format: 'png', has_alpha: true });
  const unchanged = await prepared([picture], [], mask);
  expect(unchanged.mask).toBe(mask);
});
