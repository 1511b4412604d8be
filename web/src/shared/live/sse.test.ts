import { describe, expect, it } from 'vitest';
import { type ServerEvent, sseParser } from './sse';
import { backoff } from './stream';

function read(...pieces: string[]): ServerEvent[] {
  const events: ServerEvent[] = [];
  const push = sseParser((event) => events.push(event));
  for (const piece of pieces) push(piece);
  return events;
}

describe('sseParser', () => {
  const whole = ': hello\n\nid: 7\nevent: change\ndata: {"seq":7}\n\nid: 8\ndata: a\ndata: b\n\n';

  it('reads events and leaves out comments', () => {
    expect(read(whole)).toEqual([
      { id: '7', event: 'change', data: '{"seq":7}' },
      { id: '8', event: 'message', data: 'a\nb' },
    ]);
  });

  it('reads the same whatever the pieces are', () => {
    for (let at = 1; at < whole.length; at += 1) {
      expect(read(whole.slice(0, at), whole.slice(at))).toEqual(read(whole));
    }
    expect(read(...whole)).toEqual(read(whole));
  });

  it('takes CRLF, also cut in the middle', () => {
    expect(read('id: 1\r\ndata: x\r', '\n\r\n')).toEqual([{ id: '1', event: 'message', data: 'x' }]);
  });

  it('keeps the last id for events without one', () => {
    expect(read('id: 3\ndata: a\n\ndata: b\n\n').map((event) => event.id)).toEqual(['3', '3']);
  });
});

describe('backoff', () => {
  it('grows, is spread, and stays under 30 s', () => {
    expect(backoff(0, () => 0)).toBe(250);
    expect(backoff(0, () => 1)).toBe(500);
    expect(backoff(3, () => 1)).toBe(4000);
    expect(backoff(50, () => 1)).toBe(30_000);
  });
});
