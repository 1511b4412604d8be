import { create } from 'zustand';

export type Theme = 'system' | 'light' | 'dark';
const key = 'headway.theme';
const media = matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const useTheme = create<{ theme: Theme }>(() => ({ theme: stored() }));

function apply() {
  const { theme } = useTheme.getState();
  const dark = theme === 'dark' || (theme === 'system' && media.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#101416' : '#f7f7f3');
}

media.addEventListener('change', apply);
useTheme.subscribe(apply);
apply();

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // The choice then holds until the page is closed.
  }
  useTheme.setState({ theme });
}
