import { vi } from 'vitest';

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> } | Error;
export type Asked = { method: string; path: string; body: unknown };

/**
 * Stands in for the server in tests: `answer` says what each request gets; a
 * thrown or returned Error is a network that is down. Answers what was asked.
 */
export function serve(answer: (asked: Asked) => Answer | Promise<Answer>): Asked[] {
  const log: Asked[] = [];
  vi.stubGlobal('fetch', async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, 'http://localhost');
    const asked = {
      method: init.method ?? 'GET',
      path: url.pathname.replace('/api/v1', '') + url.search,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    };
    log.push(asked);
    const made = await answer(asked);
    if (made instanceof Error) throw made;
    const status = made.status ?? 200;
    return new Response(status === 204 ? null : JSON.stringify(made.body ?? {}), {
      status,
      headers: { 'Content-Type': 'application/json', ...made.headers },
    });
  });
  return log;
}

/** What signing in answers. */
export const signed = {
  user: { id: 'u1', email: 'mira@example.org', name: 'Mira', createdAt: '2026-03-01T09:00:00.000Z' },
  accessToken: 'token-1',
  expiresIn: 600,
};
