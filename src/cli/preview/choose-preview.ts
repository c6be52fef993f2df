/** Which way of showing pictures a terminal has, by what it says of itself. Pure. */
import type { Environment } from '../world.ts';

export type PreviewKind = 'kitty' | 'iterm' | 'half_blocks' | 'none';

const kittyPrograms = ['kitty', 'ghostty'];
const itermPrograms = ['iTerm.app', 'WezTerm', 'mintty', 'rio'];

export function choosePreview(env: Environment, hasColor: boolean): PreviewKind {
  const term = env.TERM ?? '';
  if (term === 'dumb') return 'none';
  // A multiplexer eats picture sequences, and still passes the outer terminal's variables on.
  const multiplexed = env.TMUX !== undefined || env.STY !== undefined || /^(screen|tmux)/.test(term);
  if (!multiplexed) {
    const program = env.TERM_PROGRAM ?? '';
    if (env.KITTY_WINDOW_ID || /kitty|ghostty/.test(term) || kittyPrograms.includes(program)) return 'kitty';
    if (itermPrograms.includes(program) || env.LC_TERMINAL === 'iTerm2') return 'iterm';
  }
  return hasColor && /^(truecolor|24bit)$/.test(env.COLORTERM ?? '') ? 'half_blocks' : 'none';
}
