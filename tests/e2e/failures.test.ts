/** What a visitor sees when something is wrong: each fault says what happened and what to do next. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, inject, test } from 'vitest';
import { parseManifest, type Manifest } from '../../worker/vm/release.ts';
import { launchChromium, serveApp, type Profile, type ServedApp } from '../served-app.ts';
import { machineRuns, READY, shows, type } from './browser.ts';

/** A copy of the release, for a test to break; its large folders are links. */
class BrokenRelease {
  readonly folder = mkdtempSync(join(tmpdir(), 'drydock-broken-'));
  readonly manifest: Manifest;

  constructor(original: string) {
    this.manifest = parseManifest(readFileSync(join(original, 'manifest.json'), 'utf8'));
    cpSync(join(original, 'manifest.json'), join(this.folder, 'manifest.json'));
    cpSync(join(original, 'files'), join(this.folder, 'files'), { recursive: true });
    cpSync(join(original, 'chunks'), join(this.folder, 'chunks'), { recursive: true });
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  damage(path: string): void {
    const bytes = readFileSync(join(this.folder, path));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    writeFileSync(join(this.folder, path), bytes);
    rmSync(join(this.folder, `${path}.br`), { force: true });
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let release: BrokenRelease;
let app: ServedApp;
let browsers: Profile[] = [];
beforeAll(async () => {
  release = new BrokenRelease(inject('release'));
  app = await serveApp(release.folder);
});
afterAll(async () => {
  await app.close();
  release.delete();
});

afterEach(async () => {
  for (const browser of browsers) await browser.close();
  browsers = [];
});

/** Opens a playground in a browser of its own: a warm HTTP cache would hide the faults. */
async function openPlayground(
  prepare?: (page: Page) => Promise<unknown>,
  flags: string[] = [],
): Promise<Page> {
  const chromium = await launchChromium(['--disable-3d-apis', ...flags]);
  browsers.push(chromium);
  const page = await chromium.context.newPage();
  await prepare?.(page);
  await page.goto(`${app.url}#/playground`);
  return page;
}

const alert = (page: Page) => page.getByRole('alert');

/** Breaks a file of the release for the length of a test. */
async function withFault(
  path: string,
  fault: 'remove' | 'damage',
  check: () => Promise<void>,
): Promise<void> {
  const aside = mkdtempSync(join(tmpdir(), 'drydock-aside-'));
  cpSync(join(release.folder, path), join(aside, 'whole'), { recursive: true });
  release[fault](path);
  try {
    await check();
  } finally {
    cpSync(join(aside, 'whole'), join(release.folder, path), { recursive: true });
    rmSync(aside, { recursive: true });
  }
}

describe('a release with a fault', () => {
  test('a missing snapshot names the file and offers another try, which works once it is there', async () => {
    const path = release.manifest.profiles[0]?.state.memory[0]?.path ?? '';
    let page!: Page;
    await withFault(path, 'remove', async () => {
      page = await openPlayground();
      await alert(page).getByText(path).first().waitFor(READY);
    });
    await page.getByRole('button', { name: /try again|retry/i }).click();
    await machineRuns(page);
  });

  test.each([
    ['snapshot', () => release.manifest.profiles[0]?.state.memory[0]?.path ?? ''],
    ['compiled module', () => release.manifest.profiles[0]?.state.modules.path ?? ''],
    ['emulator', () => release.manifest.engine.path],
  ])('a damaged %s is not used, and the message says that it is damaged', async (_, path) => {
    await withFault(path(), 'damage', async () => {
      const page = await openPlayground();
      await alert(page)
        .getByText(/damaged/)
        .first()
        .waitFor(READY);
    });
  });

  test('a snapshot of another version says so', async () => {
    const path = join(release.folder, 'manifest.json');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace(/"v86": "[^"]+"/, '"v86": "0.5.1"'));
    const page = await openPlayground();
    await alert(page)
      .getByText(/version|v86 0\.5\.1/)
      .first()
      .waitFor(READY);
    writeFileSync(path, whole);
  });

  test('a part of the disk that cannot be read holds the machine, and a retry lets it go on', async () => {
    const [profile] = release.manifest.profiles;
    let page!: Page;
    await withFault(profile?.pack.path ?? '', 'remove', async () => {
      page = await openPlayground();
      await machineRuns(page);
      await withFault('chunks', 'remove', async () => {
        await type(page, 'docker run --rm busybox echo patient');
        await page.getByRole('button', { name: /retry|try again/i }).waitFor(READY);
      });
    });
    await page.getByRole('button', { name: /retry|try again/i }).click();
    await shows(page, /^patient/m);
  });
});

describe('a browser that cannot', () => {
  test('without WebAssembly it says what is missing and which browsers work', async () => {
    const page = await openPlayground((page) =>
      page.addInitScript(() => {
        Reflect.deleteProperty(globalThis, 'WebAssembly');
      }),
    );
    await page
      .getByText(/WebAssembly/)
      .first()
      .waitFor(READY);
    await page
      .getByText(/Firefox/)
      .first()
      .waitFor();
  });

  test('with too little memory it says so and offers the smaller machine', async () => {
    // 5000 pages of 64 KiB, 328 MB: the guest's 384 MB do not fit, the small machine's 256 MB do.
    const page = await openPlayground(undefined, ['--js-flags=--wasm-max-mem-pages=5000']);
    await alert(page)
      .getByText(/memory/)
      .first()
      .waitFor(READY);
    await page.getByRole('button', { name: /less memory/i }).click();
    await machineRuns(page);
  });
});

test.each(['machine', 'downloads'])(
  'a %s worker that breaks down is told, and starting again helps',
  async (name) => {
    const page = await openPlayground();
    await machineRuns(page);
    const worker = page
      .workers()
      .find((each) => each.url().includes(name === 'machine' ? 'machine.worker' : 'download.worker'));
    await worker?.evaluate(() => {
      setTimeout(() => {
        throw new Error('struck');
      });
    });
    await alert(page)
      .getByText(/struck/)
      .first()
      .waitFor(READY);
    await page
      .getByRole('button', { name: /try again|start again|retry/i })
      .first()
      .click();
    await machineRuns(page);
  },
);

test('a machine whose tab is in the background keeps working', async () => {
  const page = await openPlayground();
  await machineRuns(page);
  await type(page, 'docker run --rm busybox sh -c "sleep 2; echo from behind"');
  const other = await page.context().newPage();
  await other.bringToFront();
  await shows(page, /^from behind/m);
});
