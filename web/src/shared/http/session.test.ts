import { beforeEach, describe, expect, it } from 'vitest';
import { serve, signed } from '@/testing/server';
import { call } from './client';
import { currentToken, onSignedOut, refresh, signedIn, signedOut, useSession } from './session';

beforeEach(() => signedOut());

describe('session', () => {
  it('renews the token once for requests that are refused side by side', async () => {
    signedIn(signed);
    let renewed = 0;
    serve(({ path }) => {
      if (path === '/auth/refresh') {
        renewed += 1;
        return { body: { ...signed, accessToken: 'token-2' } };
      }
      return currentToken() === 'token-2' ? { body: { ok: true } } : { status: 401, body: {} };
    });
    const answers = await Promise.all([call('GET', '/workspaces'), call('GET', '/workspaces')]);
    expect(answers.map((answer) => answer.data)).toEqual([{ ok: true }, { ok: true }]);
    expect(renewed).toBe(1);
  });

  it('is out when the cookie is refused, and tells who listens', async () => {
    signedIn(signed);
    let told = 0;
    const stop = onSignedOut(() => {
      told += 1;
    });
    serve(() => ({ status: 401, body: { title: 'Sign in again' } }));
    await expect(refresh('token-1')).resolves.toBe(false);
    expect(useSession.getState()).toEqual({ status: 'out', user: null });
    expect(told).toBe(1);
    stop();
  });

  it('stays out when a renewal that was on its way is answered', async () => {
    signedIn(signed);
    let answer = () => {};
    const late = new Promise<void>((done) => {
      answer = done;
    });
    serve(async () => {
      await late;
      return { body: { ...signed, accessToken: 'token-2' } };
    });
    const renewed = refresh('token-1');
    signedOut();
    answer();
    await expect(renewed).resolves.toBe(false);
    expect(useSession.getState().status).toBe('out');
    expect(currentToken()).toBe('');
  });

  it('stays in while the server does not answer', async () => {
    signedIn(signed);
    serve(() => new Error('down'));
    await expect(refresh('token-1')).rejects.toThrow('No answer');
    expect(useSession.getState().status).toBe('in');
  });
});
