import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useScreen } from '@/app/screen';
// The names are listed in its comments alone.
import api from '@/shared/http/api.gen?raw';
import { keys } from '@/shared/http/keys';
import { queryClient } from '@/shared/http/query-client';
import { signedIn } from '@/shared/http/session';
import { send, useOutbox } from '@/shared/live/outbox';
import { serve, signed } from '@/testing/server';
import { flush, flushAtEnd, forget, record } from './batches';
import { choiceQuery } from './choice';
import { note, viewOf, watch } from './watch';

type Sent = { workspace?: string; events: { name: string; properties: Record<string, string> }[] };

beforeEach(() => {
  forget();
  queryClient.clear();
  signedIn(signed);
});

const batches = (log: ReturnType<typeof serve>) =>
  log.filter((asked) => asked.path === '/usage').map((asked) => asked.body as Sent);

describe('batches', () => {
  it('go by workspace, 50 at most, each event once', async () => {
    const log = serve(() => ({ status: 202, body: { accepted: 1, dropped: 0 } }));
    for (let n = 0; n < 60; n += 1) record('w1', 'view_opened', { view: 'board' });
    record('w2', 'palette_used', {});
    await flush();
    await flush();
    expect(batches(log).map((sent) => [sent.workspace, sent.events.length])).toEqual([
      ['w1', 50],
      ['w1', 10],
      ['w2', 1],
    ]);
  });

  it('wait where nobody answers, and are dropped where they are refused', async () => {
    let answer: () => { status: number; body?: unknown } | Error = () => new Error('down');
    const log = serve(() => answer());
    record('w1', 'view_opened', { view: 'board' });
    await flush();
    answer = () => ({ status: 404, body: { detail: 'There is no such workspace.' } });
    await flush();
    await flush();
    const ids = batches(log).map((sent) => (sent.events[0] as unknown as { id: string }).id);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('go with the page, by a request that outlives it', () => {
    const fetched = vi.fn(async (_: string, __: RequestInit) => new Response(null, { status: 204 }));
    vi.stubGlobal('fetch', fetched);
    record('w1', 'view_opened', { view: 'board' });
    flushAtEnd();
    flushAtEnd();
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[1]).toMatchObject({ keepalive: true, method: 'POST' });
  });
});

describe('watch', () => {
  const sentAfter = async (allowed: boolean) => {
    const log = serve(({ path }) =>
      path === '/usage/choice' ? { body: { record: allowed } } : { status: 202 },
    );
    history.replaceState(null, '', '/w/w1/p/p1');
    const end = await watch();
    history.pushState(null, '', '/w/w1/p/p1?task=t1');
    dispatchEvent(new Event('pushState'));
    await flush();
    return { log, end };
  };

  it('tells of views and tasks, and of no id', async () => {
    const { log, end } = await sentAfter(true);
    end();
    const [sent] = batches(log);
    expect(sent?.events.map(({ name, properties }) => [name, properties])).toEqual([
      ['view_opened', { view: 'board', device: 'desktop' }],
      ['task_opened', { view: 'board', device: 'desktop' }],
    ]);
    expect(JSON.stringify(sent?.events)).not.toContain('t1');
  });

  it('tells nothing of who does not want it, from the moment of the choice', async () => {
    const never = await sentAfter(false);
    never.end();
    expect(batches(never.log)).toEqual([]);
    queryClient.clear();
    const { log, end } = await sentAfter(true);
    const before = batches(log).length;
    record('w1', 'palette_used', {});
    queryClient.setQueryData(choiceQuery.queryKey, false);
    await flush();
    end();
    expect(batches(log)).toHaveLength(before);
  });

  it.each([
    { globalPrivacyControl: true, doNotTrack: null },
    { globalPrivacyControl: false, doNotTrack: '1' },
  ])('asks and tells nothing where the browser says so: %j', async (asked) => {
    for (const [name, value] of Object.entries(asked)) {
      Object.defineProperty(navigator, name, { value, configurable: true });
    }
    const { log, end } = await sentAfter(true);
    end();
    expect(log).toEqual([]);
    for (const name of Object.keys(asked))
      Object.defineProperty(navigator, name, { value: null, configurable: true });
  });
});

describe('each name that the server knows', () => {
  const listed =
    /An event of a name not known here is dropped\.((?:\s+\*(?: @example \w+)?)+)/.exec(api)?.[1] ?? '';
  const known = [...listed.matchAll(/@example (\w+)/g)].map(([, name]) => name);

  const press = (key: string, take: boolean, target: EventTarget = document.body) => {
    if (take) target.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  };

  it('is sent when it happens, and only then', async () => {
    const log = serve(({ path }) => {
      if (path === '/usage/choice') return { body: { record: true } };
      return path === '/usage' ? { status: 202 } : { body: {} };
    });
    history.replaceState(null, '', '/w/w1/insights');
    const end = await watch();
    history.pushState(null, '', '/w/w1/insights?period=7');
    dispatchEvent(new Event('pushState'));
    history.pushState(null, '', '/w/w1/insights?period=7&task=t1');
    dispatchEvent(new Event('pushState'));

    useScreen.getState().show('search');
    for (const [q, items] of Object.entries({ s: [{}], sx: [] })) {
      await queryClient.fetchQuery({ queryKey: keys.search('w1', q), queryFn: () => ({ items }) });
    }
    useScreen.getState().show(null);

    press('i', true);
    press('j', false);
    press(' ', true);
    const field = document.body.appendChild(document.createElement('input'));
    press('a', true, field);
    await send('Undo', async () => undefined);
    dispatchEvent(new Event('pointerdown'));
    await send('Undo', async () => undefined);
    useOutbox.setState({ offline: true });
    note('import_started', { format: 'trello' });
    await new Promise((resolve) => setTimeout(resolve));
    await flush();
    end();
    note('import_started', { format: 'trello' });
    await flush();

    const sent = batches(log).flatMap((batch) => batch.events);
    expect(known.length).toBeGreaterThan(5);
    expect([...new Set(sent.map((event) => event.name))].sort()).toEqual(known);
    const of = (name: string) => sent.filter((event) => event.name === name).map((event) => event.properties);
    expect(of('search_used')).toEqual([{ result: 'nothing', device: 'desktop' }]);
    expect(of('shortcut_used')).toEqual([{ view: 'analytics' }]);
    expect(of('undo_used')).toEqual([{ source: 'keyboard' }, { source: 'pointer' }]);
    expect(of('import_started')).toHaveLength(1);
    field.remove();
    useOutbox.setState({ offline: false });
  });
});

describe('viewOf', () => {
  it.each([
    ['/w/1/p/2', 'board'],
    ['/w/1/p/2/list', 'list'],
    ['/w/1/insights', 'analytics'],
    ['/w/1/inbox', 'inbox'],
    ['/w/1/settings/members', 'members'],
    ['/w/1/settings/profile', 'settings'],
    ['/w/1/trash', ''],
    ['/sign-in', ''],
  ])('%s is %j', (path, view) => expect(viewOf(path)).toBe(view));
});
