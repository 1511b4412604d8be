import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '@/shared/http/problem';
import { clearOutbox, send, useOutbox } from './outbox';

beforeEach(() => {
  clearOutbox();
  vi.useRealTimers();
});

describe('outbox', () => {
  it('sends one change after the other and shows what waits', async () => {
    const order: string[] = [];
    let letGo = () => {};
    const first = send('First', () =>
      new Promise<void>((resolve) => (letGo = resolve)).then(() => order.push('a')),
    );
    const second = send('Second', async () => order.push('b'));
    expect(useOutbox.getState().waiting.map((one) => one.what)).toEqual(['First', 'Second']);
    letGo();
    await Promise.all([first, second]);
    expect(order).toEqual(['a', 'b']);
    expect(useOutbox.getState().waiting).toEqual([]);
  });

  it('tries again while nobody answers, and says so', async () => {
    vi.useFakeTimers();
    let tries = 0;
    const done = send('Move', async () => {
      tries += 1;
      if (tries < 3) throw new Problem(0, 'unreachable', 'No answer', '');
      return 'moved';
    });
    await vi.advanceTimersByTimeAsync(10);
    expect(useOutbox.getState()).toMatchObject({ offline: true, waiting: [{ what: 'Move' }] });
    await vi.advanceTimersByTimeAsync(5000);
    await expect(done).resolves.toBe('moved');
    expect(useOutbox.getState().offline).toBe(false);
  });

  it('gives a refusal to who asked and goes on with the next', async () => {
    const refused = send('Bad', async () => {
      throw new Problem(422, 'invalid', 'Invalid', 'The title is too long.');
    });
    const next = send('Good', async () => 'fine');
    await expect(refused).rejects.toThrow('The title is too long.');
    await expect(next).resolves.toBe('fine');
  });
});
