// Runs before the first paint, so that a page with a chosen theme does not flash in the other one.
// The key is mode-watcher's.
(() => {
  let mode = 'system';
  try {
    mode = localStorage.getItem('mode-watcher-mode') ?? 'system';
  } catch {
    // Storage is blocked: follow the system.
  }
  const dark = mode === 'dark' || (mode === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
})();
