/** A PNG shown where the cursor is, by the kitty graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol */

/** The protocol's limit for the payload of one escape code. */
const CHUNK_CHARACTERS_MAX = 4096;

/** `rows` lines of the terminal high. a=T: transmit and show; f=100: PNG; q=2: the terminal answers nothing. */
export function kittyPicture(png: Uint8Array, rows: number): string {
  const text = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64');
  const chunks: string[] = [];
  for (let start = 0; start < text.length; start += CHUNK_CHARACTERS_MAX) {
    const more = start + CHUNK_CHARACTERS_MAX < text.length ? 1 : 0;
    const control = start === 0 ? `a=T,f=100,q=2,r=${rows},m=${more}` : `m=${more}`;
    chunks.push(`\u001b_G${control};${text.slice(start, start + CHUNK_CHARACTERS_MAX)}\u001b\\`);
  }
  return chunks.length === 0 ? '' : `${chunks.join('')}\n`;
}
