export type FieldError = { path?: string; location?: string; message: string };

/** An error answer of the server (RFC 9457), or that there was none. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title);
    this.name = 'Problem';
  }

  /** No answer came: the network or the server is down, and trying again makes sense. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** The sentence about one field, if the server named it. */
  field(name: string): string | null {
    const hit = this.errors.find(
      (error) => (error.path ?? error.location ?? '').split(/[./]/).at(-1) === name,
    );
    return hit ? hit.message : null;
  }
}

/** Makes the problem of an answer that is not OK. */
export async function problemOf(response: Response): Promise<Problem> {
  const after = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(after) && after > 0 ? after : null;
  let body: Record<string, unknown> = {};
  if (response.headers.get('Content-Type')?.includes('json')) {
    body = await response.json().catch(() => ({}));
  }
  const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
  return new Problem(
    response.status,
    text('code') || `http-${response.status}`,
    text('title') || response.statusText || 'The server refused this',
    text('detail'),
    Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
    retryAfter,
  );
}

/** One sentence to show for anything thrown. */
export function sentence(error: unknown): string {
  if (error instanceof Problem) {
    if (error.status === 0) return 'The server does not answer. Check your connection and try again.';
    if (error.status === 429) {
      return error.retryAfter
        ? `Too many tries. Wait ${error.retryAfter} seconds, then try again.`
        : 'Too many tries. Wait a moment, then try again.';
    }
    const first = error.errors[0];
    if (first && (error.status === 422 || error.status === 400) && !error.detail) return first.message;
    return error.detail || error.title;
  }
  return 'Something went wrong here. Reload the page; nothing saved is lost.';
}
