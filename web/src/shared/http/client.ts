import type { paths } from './api.gen';
import { Problem, problemOf } from './problem';
import { freshToken, refresh } from './session';

const base = '/api/v1';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Values = Record<string, string | number | boolean | null | undefined>;
type Path = keyof paths;
type Operation<P extends Path, M extends Method> = paths[P][Lowercase<M> & keyof paths[P]];
type Part<O, K extends string> = O extends { parameters: { [key in K]?: infer V } } ? V : never;
type Json<C> = C extends { content: { 'application/json': infer V } } ? V : undefined;
type Success<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 204)]> : never;
type Body<O> = O extends { requestBody?: { content: { 'application/json': infer V } } } ? V : never;
/** The same with each value also allowed to be absent, which leaves it out. */
type Loose<T> = { [K in keyof T]?: T[K] | null };

export type Options<O = unknown> = {
  path?: NonNullable<Part<O, 'path'>>;
  query?: Loose<NonNullable<Part<O, 'query'>>>;
  body?: Body<O>;
  signal?: AbortSignal;
  /** Without a token: sign in, register. */
  open?: boolean;
};
export type Answer<T> = { data: T; seq: number; status: number };

/** The address of a path under the API, with its query. */
export function address(path: string, query: Values = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const tail = search.toString();
  return base + path + (tail ? `?${tail}` : '');
}

/**
 * Asks the server once; on 401 renews the token and asks once more. Throws a
 * Problem for every answer that is not OK, and for none (status 0). Path, query,
 * body and answer are typed by the API's document.
 */
export async function call<M extends Method, P extends Path>(
  method: M,
  path: P,
  options: Options<Operation<P, M>> = {},
): Promise<Answer<Success<Operation<P, M>>>> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((options.path as Record<string, string> | undefined)?.[name] ?? ''),
  );
  const url = address(filled, options.query as Values | undefined);
  let token = options.open ? '' : await freshToken();
  let response = await send(method, url, token, options);
  if (response.status === 401 && !options.open && (await refresh(token))) {
    token = await freshToken();
    response = await send(method, url, token, options);
  }
  if (!response.ok) throw await problemOf(response);
  const seq = Number(response.headers.get('Headway-Seq') ?? 0);
  const data = response.status === 204 ? undefined : await response.json();
  return { data: data as Success<Operation<P, M>>, seq, status: response.status };
}

type Sending = { body?: unknown; signal?: AbortSignal };

async function send(method: Method, url: string, token: string, options: Sending): Promise<Response> {
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
