// Says so if the app's program cannot be loaded: else the page would stay empty.
addEventListener(
  'error',
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || target.type !== 'module') return;
    const text = document.createElement('p');
    text.setAttribute('role', 'alert');
    text.style.cssText =
      'max-width: 60ch; margin: 20vh auto; padding: 0 20px; font: 1rem/1.6 system-ui, sans-serif';
    const link = document.createElement('a');
    link.href = './repair.html';
    link.textContent = 'repair page';
    text.append(
      'Drydock could not be loaded. Check the connection and reload the page. If that does not help, the ',
      link,
      ' removes the copy of the app in this browser and leaves what is yours.',
    );
    document.getElementById('app')?.replaceChildren(text);
  },
  true,
);
