// Runs before the first paint, so that the page never flashes in the other theme.
(() => {
  let choice = 'system';
  try {
    choice = localStorage.getItem('headway.theme') || 'system';
  } catch {
    // Storage may be closed; the system's theme holds then.
  }
  const dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
