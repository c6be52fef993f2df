/** multipart/form-data whose files are read from the media store while it is sent (RFC 7578). */
import type { FormPart } from '../../contracts/provider.ts';
import type { EncodedBody, OpenPicture } from './json-body.ts';

const BREAK = '\r\n';

/** Small fields come first: servers that read a body in order then know what the files are for. */
export function encodeForm(parts: readonly FormPart[], boundary: string, open: OpenPicture): EncodedBody {
  const ordered = [...parts.filter((part) => 'value' in part), ...parts.filter((part) => 'file' in part)];
  const heads = ordered.map((part) => Buffer.from(headOf(part, boundary)));
  const end = Buffer.from(`--${boundary}--${BREAK}`);
  const bytes = ordered.reduce(
    (sum, part, index) =>
      sum +
      (heads[index]?.length ?? 0) +
      ('value' in part ? Buffer.byteLength(part.value) : part.file.bytes) +
      BREAK.length,
    end.length,
  );
  return {
    content_type: `multipart/form-data; boundary=${boundary}`,
    bytes,
    async *chunks() {
      for (const [index, part] of ordered.entries()) {
        yield heads[index] ?? Buffer.alloc(0);
        if ('value' in part) yield Buffer.from(part.value);
        else yield* await open(part.file);
        yield Buffer.from(BREAK);
      }
      yield end;
    },
  };
}

function headOf(part: FormPart, boundary: string): string {
  const file =
    'file' in part ? `; filename="${escapeName(part.file_name)}"${BREAK}content-type: ${part.file.content_type}` : '';
  return `--${boundary}${BREAK}content-disposition: form-data; name="${escapeName(part.name)}"${file}${BREAK}${BREAK}`;
}

/** As browsers do it: a quote or a line break would end the name. */
const escapeName = (name: string): string =>
  name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
