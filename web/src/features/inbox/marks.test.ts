import { beforeEach, describe, expect, it } from 'vitest';
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

const asked = () =>
  serve(({ path, body }) => {
    if (path === '/inbox/count') return { body: { unread: items.filter((one) => !one.read).length } };
    if (path.startsWith('/inbox?')) return { body: { items, unread: 0 } };
    if (refuse) return { status: 404, body: { code: 'not-found', detail: 'There is no such notice.' } };
    const { notices, read } = body as { notices?: string[]; read?: boolean };
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
