/** A picture shown where the cursor is, by iTerm2's protocol (WezTerm has it too): https://iterm2.com/documentation-images.html */

/** `rows` lines of the terminal high. */
export function itermPicture(file: Uint8Array, rows: number): string {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('base64');
  return `\u001b]1337;File=inline=1;size=${file.byteLength};height=${rows};preserveAspectRatio=1:${text}\u0007\n`;
}
