import { describe, expect, it } from 'vitest';
import type { ErrorDetail } from '../../core/errors.ts';
import { LongString } from '../../net/json/streaming-json.ts';
import { collectPictures, isPicturePath, pictureField } from './picture-references.ts';

const url = 'https://pictures.test/a.png';

describe('collectPictures', () => {
  const long = new LongString('stored');
  const readable: ReadonlyArray<readonly [unknown, ReadonlyArray<readonly [string, unknown]>]> = [
    [null, []],
    [undefined, []],
    [[], []],
    [url, [['image', url]]],
    [
      [url, long],
      [
        ['image[0]', url],
        ['image[1]', long],
      ],
    ],
    [{ image_url: url }, [['image.image_url', url]]],
    [{ url }, [['image.url', url]]],
    [
      [{ image_url: { url } }, { b64_json: 'QUJD' }],
      [
        ['image[0].image_url.url', url],
        ['image[1].b64_json', 'QUJD'],
      ],
    ],
    [{ image_url: long, file_id: null }, [['image.image_url', long]]],
    [[{ file_id: 'file-1', image_url: null }], [['image[0].file_id', { file_id: 'file-1' }]]],
  ];
  it.each(readable)('reads %j', (value, expected) => {
    const faults: ErrorDetail[] = [];
    expect(collectPictures(value, 'image', faults).map(({ param, value }) => [param, value])).toEqual(expected);
    expect(faults).toEqual([]);
  });

  const unreadable: ReadonlyArray<readonly [unknown, string]> = [
    ['', 'image'],
    [1, 'image'],
    [true, 'image'],
    [[url, 7], 'image[1]'],
    [[[url]], 'image[0]'],
    [{}, 'image'],
    [{ image_url: '' }, 'image.image_url'],
    [[{ file_id: 'file-1', image_url: url }], 'image[0]'],
    [{ file_id: '' }, 'image'],
    [{ file_id: 7 }, 'image'],
  ];
  it.each(unreadable)('refuses %j', (value, param) => {
    const faults: ErrorDetail[] = [];
    collectPictures(value, 'image', faults);
    expect(faults.map((fault) => fault.param)).toEqual([param]);
  });
});

describe('picture fields', () => {
  it.each(['image', 'images', 'image[]', 'images[]', 'image[0]', 'image[15]'])('%s is a reference', (name) => {
    expect(pictureField(name)).toBe('references');
  });
  it.each(['imagery', 'prompt', 'image_url', 'image[a]', 'mask[]'])('%s is none', (name) => {
    expect(pictureField(name)).toBeNull();
  });
  it.each(['image', 'images[0].image_url', 'mask.url', 'mask'])('%s is a place of a picture', (path) => {
    expect(isPicturePath(path)).toBe(true);
  });
  it.each(['prompt', 'imagery', 'provider.image', 'masked'])('%s is not', (path) => {
    expect(isPicturePath(path)).toBe(false);
  });
});
