/** What a provider sees of a picture that it is sent. */
import sharp, { type Metadata } from 'sharp';

/** The header of a picture; null where it is none. */
export const measurePicture = (bytes: Buffer): Promise<Metadata | null> =>
  sharp(bytes)
    .metadata()
    .catch(() => null);

/** Bytes of bare base64; null where it has a prefix or other letters. */
export const readBase64 = (text: string): Buffer | null =>
  /^[\w+/-]+=*$/.test(text) ? Buffer.from(text, 'base64') : null;
