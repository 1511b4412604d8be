// Every address of the notification service that the app asks.
import type { components } from '@/shared/http/api.gen';
import { call } from '@/shared/http/client';

type Schemas = components['schemas'];
/** One entry of the inbox. */
export type Notice = Schemas['Notice'];
/** What a person wants to hear of, by which channel. */
export type Preferences = Schemas['Preferences'];
export type PreferencesPatch = { [channel in keyof Preferences]?: Partial<Preferences[channel]> };

export const inbox = {
  page: async (unread: boolean, cursor: string | null, signal?: AbortSignal) =>
    (await call('GET', '/inbox', { query: { unread: unread || null, cursor, limit: 30 }, signal })).data,
  count: async (signal?: AbortSignal) => (await call('GET', '/inbox/count', { signal })).data,
  mark: (notices: string[], read: boolean) => call('POST', '/inbox/read', { body: { notices, read } }),
  /** Marks a notice and all that are older. */
  markUpTo: (notice: string) => call('POST', '/inbox/read-up-to', { body: { notice } }),
};

export const preferences = {
  get: async (signal?: AbortSignal) => (await call('GET', '/notification-preferences', { signal })).data,
  change: (patch: PreferencesPatch) => call('PATCH', '/notification-preferences', { body: patch }),
};
