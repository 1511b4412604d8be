// Who acts in a scenario. Where scenarios share an installation, each has
// people of its own: the tag of its run is put into their addresses.
import { AsyncLocalStorage } from 'node:async_hooks';

const tags = new AsyncLocalStorage();

/** Runs work with a tag in the address of everybody in it; without a tag, addresses are as they are. */
export const withPeople = (tag, work) => tags.run(tag, work);

/** The address that somebody has in this run. */
export function addressOf(email) {
  const tag = tags.getStore();
  return tag ? email.replace('@', `+${tag}@`) : email;
}
