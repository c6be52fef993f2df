import type { Look } from './figure.ts';
import type { HeadSpec } from './head.ts';

const skins = [0xf0c8a4, 0xe0ac84, 0xc68a5e, 0x9a6440, 0xf4d3b4, 0x7a4c30] as const;

const hairs = [0x2c2020, 0x5a3a22, 0x8c5a2c, 0xd2a85c, 0x1c1a20, 0x9a4a24] as const;

export function headFor(look: Look, kind: string): HeadSpec {
  const { random, traits } = look;
  const old = kind === 'old_man' || traits.has('elderly') || traits.has('old');
  const feminine =
    kind === 'woman' || traits.has('female') || traits.has('woman') || traits.has('girl') || traits.has('superheroine');
  const hair = old
    ? 0xc9c6c0
    : traits.has('blonde')
      ? 0xe0bc70
      : traits.has('red-haired')
        ? 0xb04a22
        : random.pick(hairs);
  return {
    skin: old ? random.pick([0xe6b892, 0xd9a67c]) : random.pick(skins),
    hair,
    style: old
      ? 'thin'
      : feminine
        ? kind === 'superhero'
          ? 'short'
          : traits.has('long_hair')
            ? 'long'
            : random.pick(['long', 'bun', 'long', 'curly'])
        : 'short',
    eye: random.pick([0x4a3020, 0x3a6a8a, 0x4f7a4a, 0x5a3a24]),
    old,
    feminine,
    young: kind === 'child',
    smile: traits.has('smile') || kind === 'child' || kind === 'chef',
    beard: traits.has('beard'),
    glasses: traits.has('glasses'),
    visor: look.neon,
    ...(kind === 'chef' ? { hat: 'chef' as const } : traits.has('hat') ? { hat: 'cap' as const } : {}),
  };
}
