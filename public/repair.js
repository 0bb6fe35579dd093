// Removes the app's copy in this browser: the service worker of this folder, and what it has put into Cache Storage.
// A page of its own, which the service worker leaves to the network, and without anything of the app's build.
(() => {
  const scope = new URL('./', location.href).href;
  const list = document.getElementById('found');
  const button = document.getElementById('remove');
  const report = document.getElementById('report');

  /** Other pages of this host may have service workers and caches too; the app's carry its address. */
  async function find() {
    const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
    const names = 'caches' in window ? await caches.keys() : [];
    return {
      workers: registrations.filter((registration) => registration.scope === scope),
      caches: names.filter((name) => /^(workbox|drydock-earlier)-/.test(name) && name.endsWith(`-${scope}`)),
    };
  }

  function say(element, lines) {
    element.replaceChildren(
      ...lines.map((line) => {
        const item = document.createElement(element === list ? 'li' : 'p');
        item.textContent = line;
        return item;
      }),
    );
  }

  async function look() {
    const found = await find();
    const lines = [
      ...found.workers.map((worker) => `The service worker of ${worker.scope}`),
      ...found.caches.map((name) => `The files kept as ${name}`),
    ];
    say(list, lines.length > 0 ? lines : ['Nothing: this browser has no copy of the app.']);
    list.removeAttribute('aria-busy');
    button.disabled = lines.length === 0;
  }

  async function remove() {
    button.disabled = true;
    const found = await find();
    const done = [];
    for (const worker of found.workers) {
      const removed = await worker.unregister();
      done.push(
        removed
          ? `Removed the service worker of ${worker.scope}.`
          : `${worker.scope} had no service worker any more.`,
      );
    }
    for (const name of found.caches) {
      await caches.delete(name);
      done.push(`Removed the files kept as ${name}.`);
    }
    say(report, [...done, 'Close other tabs of Drydock, then open it again.']);
  }

  function fail(error) {
    say(report, [
      `This did not work: ${error.message}`,
      'Clear the data of this site in the browser’s settings instead. That removes what is yours too.',
    ]);
  }

  button.addEventListener('click', () => remove().then(look).catch(fail));
  look().catch(fail);
})();
