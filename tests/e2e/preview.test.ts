/** Pages of containers beside the terminals, as a learner uses them, and as somebody who means harm writes them. */
import type { Frame, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, run, shoot, shows, useApp } from './browser.ts';
import { exec } from './machine-exec.ts';

const app = useApp({ serviceWorkers: 'allow' });

/** Opens a port by its button, and waits until it shows `text`. */
async function openPort(page: Page, port: number, text: string | RegExp): Promise<Frame> {
  await page
    .getByRole('list', { name: 'Open ports' })
    .getByRole('button', { name: String(port) })
    .click();
  await page.frameLocator('section.preview iframe').getByText(text).first().waitFor({ timeout: 120_000 });
  return shownFrame(page);
}

async function shownFrame(page: Page): Promise<Frame> {
  const frame = await (await page.locator('section.preview iframe').elementHandle()).contentFrame();
  if (!frame) throw new Error('No page is shown.');
  return frame;
}

const address = (page: Page): Promise<string> => page.getByLabel('Address').inputValue();

test('nginx: its port shows up, opens, and is gone when it is removed', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.getByText('None is open.').waitFor();
  await run(page, 'docker run -d --name web -p 8080:80 nginx');
  await openPort(page, 8080, 'Welcome to nginx!');
  expect(await address(page)).toBe('localhost:8080/');
  await shoot(page, 'preview-nginx');

  await page.getByLabel('Address').fill('node1:8080/nothing');
  await page.keyboard.press('Enter');
  await page.frameLocator('section.preview iframe').getByText('404 Not Found').first().waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.frameLocator('section.preview iframe').getByText('Welcome to nginx!').waitFor();
  await page.getByRole('button', { name: 'Show the requests' }).click();
  await page.getByRole('region', { name: 'Requests' }).getByText('/nothing').waitFor();
  await shoot(page, 'preview-requests');
  for (const colorScheme of ['light', 'dark'] as const)
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await shoot(page, `preview-${colorScheme}-${width}`);
      expect(await faults(page), `${colorScheme} ${width}`).toEqual([]);
    }
  await page.setViewportSize({ width: 1440, height: 900 });

  // Browsers end a service worker that has nothing to do.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('ServiceWorker.enable');
  await devtools.send('ServiceWorker.stopAllWorkers');
  await page.getByLabel('Address').fill('/?again');
  await page.keyboard.press('Enter');
  await page.frameLocator('section.preview iframe').getByText('Welcome to nginx!').waitFor();

  // Only programs of the machine can reach it, and so do we.
  await run(page, 'docker run -d --name inner -p 127.0.0.1:8081:80 nginx');
  const inner = page.locator('section.preview iframe:not([hidden])').contentFrame();
  await page.getByRole('list', { name: 'Open ports' }).getByRole('button', { name: '8081 inner' }).click();
  await inner.getByText('Welcome to nginx!').waitFor({ timeout: 120_000 });
  expect(await address(page)).toBe('localhost:8081/');
  await page.getByRole('button', { name: 'Close the page' }).click();
  expect(await address(page)).toBe('localhost:8080/?again');

  await run(page, 'docker rm -f inner web');
  await page.getByText('None is open.').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Load again' }).click();
  await page.frameLocator('section.preview iframe').getByText('Nothing answers on this port').waitFor({
    timeout: 60_000,
  });
  await shoot(page, 'preview-refused');
  expect(app.takeErrors().filter((text) => !/502|404/.test(text))).toEqual([]);
  await page.close();
});

/** What a learner's first server does: forms, cookies, redirects, uploads, events. */
const SERVER = String.raw`
import http.server, time
from urllib.parse import parse_qs

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def page(self, body, status=200, headers=(), kind='text/html; charset=utf-8'):
        data = body.encode()
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split('?')[0]
        if path == '/':
            self.page('''<!doctype html><html><head><title>Guests</title><link rel=stylesheet href=/style.css></head>
<body><h1>Guest book</h1><form method=post action=/sign><input name=who><button>Sign</button></form>
<a id=relative href=about>relative</a> <a id=absolute href="http://localhost:8000/about?from=absolute">absolute</a>
<a id=outside href="https://example.com/">outside</a>
<p id=cookies></p><p id=events></p>
<script src=/app.js></script></body></html>''')
        elif path == '/style.css':
            self.page('h1 { color: rgb(1, 2, 3) }', kind='text/css')
        elif path == '/app.js':
            self.page('''document.cookie = 'fromscript=1';
document.getElementById('cookies').textContent = document.cookie;
const events = new EventSource('/events');
events.onmessage = ({ data }) => { document.getElementById('events').textContent += data; };''', kind='text/javascript')
        elif path == '/events':
            self.send_response(200)
            self.send_header('Content-Type', 'text/event-stream')
            self.send_header('Connection', 'close')
            self.end_headers()
            for i in range(3):
                self.wfile.write(('data: [event %d]\n\n' % i).encode())
                self.wfile.flush()
                time.sleep(0.3)
            time.sleep(60)
        elif path == '/old':
            self.page('', 302, [('Location', 'http://localhost:8000/about?from=redirect')])
        else:
            self.page('<h1>About</h1><p>Path %s, cookies %s</p>' % (self.path, self.headers.get('Cookie')))

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if self.path == '/upload':
            self.page('%d bytes, sum %d' % (len(body), sum(body) % 65521), kind='text/plain')
            return
        who = parse_qs(body.decode())['who'][0]
        self.page('', 303, [('Location', '/about?who=' + who), ('Set-Cookie', 'seen=yes; Path=/'),
                            ('Set-Cookie', 'secret=7; Path=/; HttpOnly')])

http.server.ThreadingHTTPServer(('', 8000), Handler).serve_forever()
`;

test('a Python program: scripts, forms, cookies, redirects, links, uploads and events', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await exec(page, `mkdir -p /root/app && cat > /root/app/server.py <<'EOF'\n${SERVER}\nEOF`);
  await run(
    page,
    'docker run -d --name guests -p 8000:8000 -v /root/app:/app python:3 python /app/server.py',
  );
  await openPort(page, 8000, 'Guest book');
  const shown = page.frameLocator('section.preview iframe');
  const frame = await shownFrame(page);
  expect(await frame.evaluate(() => getComputedStyle(document.querySelector('h1') as Element).color)).toBe(
    'rgb(1, 2, 3)',
  );
  await shown.getByText('[event 0][event 1][event 2]').waitFor({ timeout: 60_000 });
  await shown.getByText('fromscript=1').waitFor();
  await shoot(page, 'preview-python');

  await shown.locator('[name=who]').fill('Ada');
  await shown.getByRole('button', { name: 'Sign' }).click();
  await shown.getByText('/about?who=Ada').waitFor({ timeout: 60_000 });
  for (const cookie of ['fromscript=1', 'seen=yes', 'secret=7']) await shown.getByText(cookie).waitFor();
  expect(await address(page)).toBe('localhost:8000/about?who=Ada');
  const visible = await (await shownFrame(page)).evaluate(() => document.cookie);
  expect(visible).toContain('seen=yes');
  expect(visible).not.toContain('secret');

  const goHome = async (): Promise<void> => {
    await page.getByLabel('Address').fill('/');
    await page.keyboard.press('Enter');
    await shown.getByText('Guest book').waitFor({ timeout: 60_000 });
  };
  await goHome();
  await shown.locator('#relative').click();
  await shown.getByText('Path /about,').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Back' }).click();
  await shown.getByText('Guest book').waitFor({ timeout: 60_000 });
  await shown.locator('#absolute').click();
  await shown.getByText('from=absolute').waitFor({ timeout: 60_000 });
  await goHome();
  await shown.locator('#outside').click();
  await page.getByText('example.com is outside of your machines.').waitFor();
  await page.getByLabel('Address').fill('localhost:8000/old');
  await page.keyboard.press('Enter');
  await shown.getByText('from=redirect').waitFor({ timeout: 60_000 });
  await expect.poll(() => address(page)).toBe('localhost:8000/about?from=redirect');

  const answer = await (
    await shownFrame(page)
  ).evaluate(async () => {
    const bytes = Uint8Array.from({ length: 5 * 2 ** 20 }, (_, i) => i % 251);
    const sum = bytes.reduce((total, byte) => total + byte, 0) % 65521;
    const response = await fetch('/upload', { method: 'POST', body: bytes });
    return [await response.text(), `${bytes.length} bytes, sum ${sum}`];
  });
  expect(answer[0]).toBe(answer[1]);
  // Of the tries before the program listened.
  expect(app.takeErrors().filter((text) => !text.includes('502'))).toEqual([]);
  await page.close();
});

/** Tries what a page must not be able to do, and says how each attempt ended. */
const HOSTILE = `<!doctype html><title>mean</title><h1>Mean page</h1><script>
const results = {};
const attempt = async (name, action) => {
  try { results[name] = 'did: ' + String(await action()); } catch (error) { results[name] = 'refused: ' + error.name; }
};
(async () => {
  const app = document.referrer || 'APP';
  await attempt('storage', () => parent.localStorage.length);
  await attempt('script', () => parent.document.title);
  await attempt('global', () => parent.drydock.session);
  await attempt('databases', async () => (await indexedDB.databases()).map(({ name }) => name).join());
  await attempt('locks', async () => (await navigator.locks.query()).held.length);
  await attempt('top', () => { top.location.href = 'https://evil.example/'; return 'navigated'; });
  await attempt('top by link', () => { const link = document.createElement('a'); link.href = '/gone'; link.target = '_top'; document.body.append(link); link.click(); return 'clicked'; });
  await attempt('worker of its own', async () => (await navigator.serviceWorker.register('/worker.js')).scope);
  await attempt('worker over the app', async () => (await navigator.serviceWorker.register('APPsw.js', { scope: 'APP' })).scope);
  await attempt('files of the app', async () => (await fetch('APP')).status);
  for (const port of [22, 2375, 9999]) await attempt('port ' + port, async () => (await fetch('http://localhost:' + port + '/')).status);
  await attempt('another node', async () => (await fetch('http://node2:8080/')).status);
  navigator.serviceWorker.controller.postMessage({ drydock: 'port', hosts: [] });
  parent.postMessage({ drydock: 'connect' }, '*');
  parent.postMessage({ drydock: 'page', path: '/<img src=x onerror=alert(1)>', title: '<b>x</b>' }, '*');
  parent.postMessage({ drydock: 'page', path: 5 }, '*');
  parent.postMessage({ drydock: 'leave', url: 'javascript:alert(1)' }, '*');
  const out = document.createElement('pre'); out.id = 'results'; out.textContent = JSON.stringify(results); document.body.append(out);
})();
</script>`;

test('a hostile page reaches neither the app nor another port', async () => {
  const page = await app.open('/playground');
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await machineRuns(page);
  const { url } = app.app;
  await exec(
    page,
    `mkdir -p /root/mean && cat > /root/mean/index.html <<'EOF'\n${HOSTILE.replaceAll('APP', url)}\nEOF
echo 'onfetch = () => {}' > /root/mean/worker.js
(busybox httpd -p 127.0.0.1:9999 -h /root || true) 2> /dev/null`,
  );
  await run(page, 'docker run -d --name mean -p 8080:80 -v /root/mean:/usr/share/nginx/html nginx');
  await openPort(page, 8080, 'Mean page');
  const shown = page.frameLocator('section.preview iframe');
  const results = JSON.parse(await shown.locator('#results').innerText({ timeout: 120_000 })) as Record<
    string,
    string
  >;
  for (const name of ['storage', 'script', 'global', 'top', 'worker over the app'])
    expect(results[name], name).toMatch(/^refused/);
  expect(results['worker of its own']).toMatch(/^refused/);
  expect(results['databases']).not.toMatch(/drydock/);
  for (const name of ['port 22', 'port 2375', 'port 9999', 'another node', 'files of the app'])
    expect(results[name], name).toMatch(/^did: 502/);
  expect(page.url()).toBe(`${url}#/playground`);
  // What it says is shown as text.
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(dialogs).toEqual([]);
  await shoot(page, 'preview-hostile');
  // A page that keeps its thread busy does not keep the app's.
  const frame = await shownFrame(page);
  await frame.evaluate(() => {
    setTimeout(() => {
      for (;;);
    });
  });
  await run(page, 'echo still-here');
  await shows(page, /^still-here/m);
  await page.getByRole('button', { name: 'Close the page' }).click();
  await page.getByRole('region', { name: /^Page at/ }).waitFor({ state: 'detached' });
  app.takeErrors();
  await page.close();
});
