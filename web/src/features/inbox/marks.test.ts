import { InfiniteQueryObserver } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { signedIn } from '@/shared/http/session';
import { clearOutbox } from '@/shared/live/outbox';
import { useToasts } from '@/shared/ui/toasts';
import { notice } from '@/testing/notices';
import { serve, signed } from '@/testing/server';
import { markAll, markOne } from './marks';
import { noticesQuery, unreadQuery } from './notices';

const newer = notice({ id: 'n2', at: '2026-03-10T09:00:00Z' });
const older = notice({ id: 'n1' });
let items = [newer, older];
let refuse = false;
/** What marks wait for that say this of being read. */
let held = { read: false, until: Promise.resolve() };
/** What the answer of the unread waits for, made before. */
let late = Promise.resolve();

const asked = () =>
  serve(async ({ path, body }) => {
    if (path === '/inbox/count') return { body: { unread: items.filter((one) => !one.read).length } };
    if (path.startsWith('/inbox?')) {
      const wanted = path.includes('unread=true') ? items.filter((one) => !one.read) : items;
      if (path.includes('unread=true')) await late;
      return { body: { items: wanted, unread: 0 } };
    }
    if (refuse) return { status: 404, body: { code: 'not-found', detail: 'There is no such notice.' } };
    const { notices, read } = body as { notices?: string[]; read?: boolean };
    if (read === held.read) await held.until;
    items = items.map((one) => ({
      ...one,
      read: notices ? (notices.includes(one.id) ? !!read : one.read) : true,
    }));
    return { body: { unread: items.filter((one) => !one.read).length } };
  });

const shown = () =>
  queryClient
    .getQueryData(noticesQuery(false).queryKey)
    ?.pages.flatMap((page) => page.items.map((one) => `${one.id} ${one.read ? 'read' : 'unread'}`));

beforeEach(async () => {
  items = [newer, older];
  refuse = false;
  held = { read: false, until: Promise.resolve() };
  late = Promise.resolve();
  clearOutbox();
  queryClient.clear();
  useToasts.setState({ toasts: [] });
  signedIn(signed);
});

async function load() {
  const log = asked();
  await queryClient.fetchInfiniteQuery(noticesQuery(false));
  await queryClient.fetchQuery(unreadQuery);
  return log;
}

describe('marks', () => {
  it('show at once, and take the count from the server', async () => {
    const log = await load();
    const done = markOne(newer, true);
    expect(shown()).toEqual(['n2 read', 'n1 unread']);
    expect(queryClient.getQueryData(keys.unread)).toBe(1);
    await done;
    expect(log.at(-1)).toMatchObject({ path: '/inbox/read', body: { notices: ['n2'], read: true } });
    expect(queryClient.getQueryData(keys.unread)).toBe(1);
  });

  it('hold over what the server answers before it has heard of them', async () => {
    await load();
    const done = markAll(newer);
    const before = queryClient.fetchInfiniteQuery({ ...noticesQuery(false), staleTime: 0 });
    items = [newer, older];
    await before;
    expect(shown()).toEqual(['n2 read', 'n1 read']);
    await done;
    expect(queryClient.getQueryData(keys.unread)).toBe(0);
  });

  it('have a list read anew that was read between them', async () => {
    await load();
    let release = () => {};
    const until = new Promise<void>((done) => {
      release = done;
    });
    held = { read: false, until };
    const read = markOne(newer, true);
    const back = markOne({ ...newer, read: true }, false);
    await read;
    const unread = new InfiniteQueryObserver(queryClient, noticesQuery(true));
    const stop = unread.subscribe(() => {});
    const listed = () =>
      unread.getCurrentResult().data?.pages.flatMap((page) => page.items.map((one) => one.id));
    await vi.waitFor(() => expect(listed()).toEqual(['n1']));
    release();
    await back;
    await vi.waitFor(() => expect(listed()).toEqual(['n2', 'n1']));
    stop();
  });

  it('have a list read anew whose answer comes after theirs', async () => {
    const log = await load();
    let answer = () => {};
    let release = () => {};
    const until = new Promise<void>((done) => {
      release = done;
    });
    held = { read: true, until };
    late = new Promise<void>((done) => {
      answer = done;
    });
    const done = markOne(newer, true);
    const unread = new InfiniteQueryObserver(queryClient, noticesQuery(true));
    const stop = unread.subscribe(() => {});
    await vi.waitFor(() => expect(log.at(-1)?.path).toContain('unread=true'));
    release();
    await done;
    answer();
    const listed = () =>
      unread.getCurrentResult().data?.pages.flatMap((page) => page.items.map((one) => one.id));
    await vi.waitFor(() => expect(listed()).toEqual(['n1']));
    stop();
  });

  it('are taken back where the server refuses them, with its reason', async () => {
    await load();
    refuse = true;
    await markOne(newer, true);
    expect(useToasts.getState().toasts[0]?.text).toContain('There is no such notice.');
    await queryClient.refetchQueries({ queryKey: keys.inbox });
    expect(shown()).toEqual(['n2 unread', 'n1 unread']);
    expect(queryClient.getQueryData(keys.unread)).toBe(2);
  });
});
