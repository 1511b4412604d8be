// Takes the place of `react-remove-scroll` and `aria-hidden` in the build (see
// vite.config.ts). Radix needs them for modal menus only, which this app has
// none of: its modal dialogs are the browser's own. The real ones would add a
// <style> element, which the Content-Security-Policy refuses.
import { Fragment } from 'react';

export const RemoveScroll = Fragment;

export function hideOthers(): () => void {
  return () => undefined;
}
