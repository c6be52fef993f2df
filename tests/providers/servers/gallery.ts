/** Pictures and links that one server has handed out, spoiled in the way that the behaviour says. */
import type { Act } from './behaviours.ts';
import type { HandedPicture, RecordedRequest, ServerOptions } from './kit.ts';
import { makePicture, type Picture, type Shape } from './pictures.ts';
import { Base64, type Reply } from './wire.ts';

/** One picture on its way out: take it by exactly one of the three ways. */
export interface Outgoing {
  readonly picture: Picture;
  /** A public address of the file. */
  url(): string;
  /** The file in base64. */
  base64(prefix?: string): Base64;
  /** The file itself. */
  file(): readonly Buffer[];
}

export interface Gallery {
  readonly handed: HandedPicture[];
  /** Makes the next picture. */
  make(act: Act, shape: Shape): Promise<Outgoing>;
  /** The answer to a request for an output link; null where it is none. */
  serve(request: RecordedRequest): Reply | null;
}

interface Link {
  readonly picture: Picture;
  readonly act: Act;
  readonly made_at: number;
}

interface GalleryParts {
  readonly options: ServerOptions;
  now(): number;
  origin(): string;
  life_ms(): number | undefined;
}

const notPicture = [Buffer.from('this is not a picture, but the text of somebody else')];

const privateLocations: Readonly<Record<string, string>> = {
  metadata: 'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
  private_network: 'http://10.0.0.1/picture.jpg',
  link_itself: 'http://192.168.0.1/picture.jpg',
};

/** Only these deliver pictures that arrive whole. */
const whole = new Set(['ok', 'slow', 'partial']);

export function openGallery({ options, now, origin, life_ms }: GalleryParts): Gallery {
  const links = new Map<string, Link>();
  const handed: HandedPicture[] = [];
  let serial = 0;
  const hand = (act: Act, picture: Picture, url: string | null): void => {
    if (!whole.has(act.kind)) return;
    const { width, height, format, bytes } = picture;
    handed.push({
      width,
      height,
      format,
      bytes,
      url,
      get sha256() {
        return picture.sha256;
      },
    }); // Hashed when read.
  };
  return {
    handed,
    make: async (act, shape) => {
      const id = ++serial;
      // Base64 is four letters for three bytes.
      const picture = await makePicture(shape, id, Math.floor(((options.answer_bytes ?? 0) * 3) / 4));
      return {
        picture,
        url: () => {
          if (act.kind === 'redirect_private' && act.shape === 'link_itself') {
            return act.location ?? privateLocations.link_itself ?? '';
          }
          const path = `/files/${id.toString(36).padStart(8, '0')}.${shape.format === 'jpeg' ? 'jpg' : shape.format}`;
          links.set(path, { picture, act, made_at: now() });
          const url = `${options.output_base_url ?? origin()}${path}`;
          hand(act, picture, url);
          return url;
        },
        base64: (prefix) => {
          hand(act, picture, null);
          return new Base64(spoiled(act, picture), act.shape === 'not_base64' ? `${prefix ?? ''}<%!` : prefix);
        },
        file: () => {
          hand(act, picture, null);
          return spoiled(act, picture);
        },
      };
    },
    serve: (request) => {
      const link = links.get(request.path);
      if (link === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return null;
      request.role = 'link';
      const life = life_ms();
      const expired = life !== undefined && now() - link.made_at >= life;
      return expired ? expiredLink : serveLink(link, request.method === 'HEAD');
    },
  };
}

function spoiled(act: Act, picture: Picture): readonly Buffer[] {
  if (act.kind !== 'not_an_image') return picture.pieces;
  return act.shape === 'empty_base64' ? [] : notPicture;
}

const expiredLink: Reply = {
  status: 403,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
};

function serveLink({ picture, act }: Link, head: boolean): Reply {
  const type = { 'content-type': `image/${picture.format}` };
  if (act.kind === 'expired' && act.shape === 'link') return expiredLink;
  if (act.kind === 'dead_link') {
    return act.shape === 'empty' ? { status: 200, headers: type, body: [] } : { status: 404, body: 'not found' };
  }
  if (act.kind === 'redirect_private') {
    return { status: 302, headers: { location: act.location ?? privateLocations[act.shape] ?? '' }, body: '' };
  }
  if (act.kind === 'not_an_image') {
    const page = { 'content-type': 'text/html' };
    return { status: 200, headers: act.shape === 'page' ? page : type, body: notPicture };
  }
  if (head) return { status: 200, headers: { ...type, 'content-length': String(picture.bytes) }, body: [] };
  return {
    status: 200,
    headers: type,
    body: picture.pieces,
    ...(act.kind === 'cut' && act.shape === 'link' ? { fate: 'cut' } : {}),
  };
}
