import { type Ending, hashOf } from './send-request.ts';

/** Every link that was handed out leads to a picture, of the very bytes that the answer brought beside it. */
export async function checkHosted(endings: readonly Ending[]): Promise<string[]> {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { request, pictures } of endings) {
    for (const { url, sha256 } of pictures) {
      if (url === null) continue;
      if (seen.has(url)) faults.push(`${request.tag} a link that another answer has too`);
      seen.add(url);
      const response = await fetch(url);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const isPicture = response.status === 200 && response.headers.get('content-type')?.startsWith('image/') === true;
      if (!isPicture) faults.push(`${request.tag} ${url} answers ${response.status}`);
      else if (sha256 !== null && sha256 !== hashOf(bytes)) faults.push(`${request.tag} link and base64 differ`);
    }
  }
  return faults;
}
