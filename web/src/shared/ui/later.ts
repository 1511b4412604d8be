import { type ComponentType, lazy } from 'react';

/** Loads code, as often as it takes: what nobody waits for must not break the page when the server is away. */
export function again<T>(load: () => Promise<T>): Promise<T> {
  return load().catch(() => new Promise((retry) => setTimeout(retry, 5000)).then(() => again(load)));
}

/** A part of the page that comes after the first paint, whenever that can be. */
export function later<P>(load: () => Promise<{ default: ComponentType<P> }>) {
  return lazy(() => again(load));
}
