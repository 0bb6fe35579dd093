// Runs before the first paint, so that a page with a chosen theme does not flash in the other one.
// The key is mode-watcher's.
(() => {
  let mode = 'system';
  try {
    mode = localStorage.getItem('mode-watcher-mode') ?? 'system';
  } catch {
    // Storage is blocked: follow the system. mode-watcher would end the app at that; it gets one for as long as the page.
    const kept = new Map();
    const localStorage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, String(value)),
      removeItem: (key) => void kept.delete(key),
    };
    Object.defineProperty(window, 'localStorage', { value: localStorage });
  }
  const dark = mode === 'dark' || (mode === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
})();
