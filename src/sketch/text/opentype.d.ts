/** The part of opentype.js 2 that we use; the package brings no types, and only its own ES module names its exports to Node. */
declare module 'opentype.js/dist/opentype.mjs' {
  export interface PathCommand {
    readonly type: 'M' | 'L' | 'Q' | 'C' | 'Z';
    readonly x: number;
    readonly y: number;
    readonly x1: number;
    readonly y1: number;
    readonly x2: number;
    readonly y2: number;
  }

  export interface Glyph {
    /** 0 is `.notdef`: the font has no glyph for the character. */
    readonly index: number;
    readonly advanceWidth?: number;
    getPath(x: number, y: number, size_px: number): { readonly commands: readonly PathCommand[] };
  }

  export interface Font {
    readonly unitsPerEm: number;
    readonly ascender: number;
    readonly descender: number;
    charToGlyph(character: string): Glyph;
    getKerningValue(left: Glyph, right: Glyph): number;
  }

  export function parse(buffer: ArrayBuffer, options?: { readonly lowMemory?: boolean }): Font;
}
