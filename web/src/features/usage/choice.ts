import { queryOptions } from '@tanstack/react-query';
import { call } from '@/shared/http/client';
import { keys } from '@/shared/http/keys';

/** Whether the browser asks for nothing to be counted: by Global Privacy Control or Do Not Track. */
export function declinedByBrowser(): boolean {
  const asked = navigator as Navigator & { globalPrivacyControl?: boolean };
  return asked.globalPrivacyControl === true || navigator.doNotTrack === '1';
}

/** Whether the person lets their use be counted; kept for the account. */
export const choiceQuery = queryOptions({
  queryKey: keys.usageChoice,
  queryFn: async ({ signal }) => (await call('GET', '/usage/choice', { signal })).data.record,
});

export async function choose(record: boolean): Promise<boolean> {
  return (await call('PUT', '/usage/choice', { body: { record } })).data.record;
}
