import { Problem, problemOf } from './problem';
import { freshToken, refresh } from './session';

const base = '/api/v1';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Query = Record<string, string | number | boolean | null | undefined>;
export type Options = {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** Without a token: sign in, register. */
  open?: boolean;
};
export type Answer<T> = { data: T; seq: number; status: number };

/** The address of a path under the API, with its query. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const tail = search.toString();
  return base + path + (tail ? `?${tail}` : '');
}

/**
 * Asks the server once; on 401 renews the token and asks once more. Throws a
 * Problem for every answer that is not OK, and for none (status 0).
 */
export async function call<T>(method: Method, path: string, options: Options = {}): Promise<Answer<T>> {
  const url = address(path, options.query);
  let token = options.open ? '' : await freshToken();
  let response = await send(method, url, token, options);
  if (response.status === 401 && !options.open && (await refresh(token))) {
    token = await freshToken();
    response = await send(method, url, token, options);
  }
  if (!response.ok) throw await problemOf(response);
  const seq = Number(response.headers.get('Headway-Seq') ?? 0);
  const data = response.status === 204 ? undefined : await response.json();
  return { data: data as T, seq, status: response.status };
}

async function send(method: Method, url: string, token: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(url, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, 'unreachable', 'No answer', '');
  }
}
