import { address } from '@/shared/http/client';
import { Problem } from '@/shared/http/problem';
import { freshToken } from '@/shared/http/session';
import type { Import } from '@/shared/http/types';

/**
 * Sends a file as it is. fetch tells nothing of an upload's progress, so this
 * goes by XMLHttpRequest; `onProgress` gets the share sent, 0 to 1.
 */
export async function upload(
  workspace: string,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Import> {
  const token = await freshToken();
  return new Promise<Import>((resolve, reject) => {
    const request = new XMLHttpRequest();
    const name = [...file.name].slice(0, 200).join('');
    request.open('POST', address(`/workspaces/${workspace}/imports`, { format: 'trello', name }));
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => onProgress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status === 200 || request.status === 201) resolve(request.response as Import);
      else reject(problem(request));
    };
    request.onerror = () => reject(new Problem(0, 'unreachable', 'No answer', ''));
    request.onabort = () => reject(new DOMException('Stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function problem(request: XMLHttpRequest): Problem {
  const body = (request.response ?? {}) as { code?: string; title?: string; detail?: string };
  return new Problem(
    request.status,
    body.code ?? '',
    body.title ?? 'The file was refused',
    body.detail ?? '',
  );
}
