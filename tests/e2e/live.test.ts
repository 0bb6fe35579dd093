/** The live view: what it draws, what can be done in it, and that it says what Docker's own command line says. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { faults } from './axe.ts';
import { machineRuns, READY, run, shoot, shows, useApp } from './browser.ts';
import { exec } from './machine-exec.ts';
import { randomCommands } from './random-docker.ts';

const app = useApp();

const live = (page: Page) => page.getByRole('region', { name: 'Live view' });

const form = (page: Page, name: string): Promise<void> => live(page).getByRole('tab', { name }).click();

/** The cells of a table, by row; undefined where there is no such table. */
async function rows(page: Page, caption: string): Promise<string[][]> {
  return page.evaluate((title) => {
    const table = [...document.querySelectorAll('table')].find(
      (each) => each.caption?.textContent.trim() === title,
    );
    return [...(table?.tBodies[0]?.rows ?? [])]
      .map((row) => [...row.cells].map((cell) => cell.innerText.trim()))
      .filter((cells) => cells.length > 1);
  }, caption);
}

test('what is started appears, with its wires, and what is chosen can be looked at and stopped', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.keyboard.press('Control+Shift+G');
  await live(page).getByText('No containers yet').waitFor();
  await shoot(page, 'live-empty');

  await run(
    page,
    'docker network create front; docker network create back; docker volume create data; ' +
      'docker run -d --name db --network back -v data:/var/lib/data busybox sleep 1000; ' +
      'docker run -d --name web --network front -p 8080:80 nginx; docker network connect back web; ' +
      'docker run --name done busybox true; ' +
      'docker run -d --name ill --health-cmd false --health-interval 2s --health-retries 1 busybox sleep 1000',
  );
  const web = live(page).getByRole('button', {
    name: /^Container web running nginx 8080→80\/tcp networks back, front/,
  });
  await web.waitFor();
  await live(page)
    .getByRole('button', { name: /^Container done exited \(0\)/ })
    .waitFor();
  await live(page)
    .getByRole('button', { name: /^Container ill running, unhealthy/ })
    .waitFor(READY);
  await live(page).getByRole('button', { name: 'Volume data containers db' }).waitFor();
  await live(page)
    .getByRole('button', { name: /^Network back bridge .*containers db, web/ })
    .waitFor();
  await shoot(page, 'live-graph');

  await web.focus();
  await page.keyboard.press('Enter');
  const details = live(page).getByRole('region', { name: 'Container web' });
  await details.getByText('front 172.').waitFor();
  await shoot(page, 'live-selected');
  await details.getByRole('tab', { name: 'Logs' }).click();
  await details.getByText('start worker process').first().waitFor();
  await details.getByRole('tab', { name: 'Stats' }).click();
  await details.getByRole('img', { name: /Processor: \d/ }).waitFor();
  await shoot(page, 'live-stats');
  await details.getByRole('tab', { name: 'Inspect' }).click();
  await details.getByText('"RestartCount": 0').waitFor();

  await details.getByRole('button', { name: 'Shell' }).click();
  await shows(page, /docker exec -it web sh\s+# /);
  await page.keyboard.type('exit\n');
  await details.getByRole('button', { name: 'Stop' }).click();
  await live(page)
    .getByRole('button', { name: /^Container web exited/ })
    .waitFor(READY);
  await details.getByRole('button', { name: 'Start' }).click();
  await live(page)
    .getByRole('button', { name: /^Container web running/ })
    .waitFor(READY);
  await details.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  await details.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await web.waitFor({ state: 'detached' });

  await form(page, 'Images');
  const nginx = live(page).getByRole('button', { name: /nginx/ });
  await nginx.click();
  await live(page)
    .getByRole('region', { name: /^Image nginx/ })
    .getByRole('tab', { name: 'Layers' })
    .click();
  await shoot(page, 'live-images');
  await live(page)
    .getByRole('region', { name: /^Image nginx/ })
    .getByText(/ MB$/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Close the details' }).click();

  for (const name of ['Graph', 'Table', 'Images'])
    for (const colorScheme of ['light', 'dark'] as const)
      for (const [width, height] of [
        [1440, 900],
        [1024, 768],
        [390, 844],
      ] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height });
        await form(page, name);
        await shoot(page, `live-${name}-${colorScheme}-${width}`);
        expect(await faults(page), `${name} ${colorScheme} ${width}`).toEqual([]);
      }
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});

/** Of these networks the command line lists ends that are no containers: the doors of the routing mesh. */
const MESH = /^(?:docker_gwbridge|ingress)$/;

const TRUTH = `
docker ps -a --no-trunc --format 'C {{.Names}} {{.State}}'
docker network inspect -f 'N {{.Name}} {{range .Containers}}{{.Name}},{{end}}' $(docker network ls -q)
docker volume ls --format 'V {{.Name}}'
for service in $(docker service ls -q); do
  docker service ps --no-trunc --format 'T {{.Name}} {{.DesiredState}} {{.CurrentState}}' $service
done`;

/** What the command line says, as sorted lines. */
async function toldByCommands(page: Page): Promise<string[]> {
  return (await exec(page, TRUTH))
    .split('\n')
    .filter((line) => line !== '' && !MESH.test(line.split(' ')[1] ?? ''))
    .map((line) => {
      const [kind = '', ...rest] = line.replace(/^T \\_ /, 'T ').split(' ');
      if (kind === 'N') return `N ${rest[0]} ${(rest[1] ?? '').split(',').filter(Boolean).sort().join(',')}`;
      if (kind === 'T') return `T ${rest[0]} ${rest[1]?.toLowerCase()} ${rest[2]?.toLowerCase()}`;
      return [kind, ...rest].join(' ');
    })
    .sort();
}

/** What the tables say, in the same form. */
async function toldByTables(page: Page): Promise<string[]> {
  const containers = (await rows(page, 'Containers')).map(
    ([name = '', state = '']) => `C ${name} ${/^\w+/.exec(state)?.[0]}`,
  );
  const networks = (await rows(page, 'Networks'))
    .filter(([name = '']) => !MESH.test(name))
    .map(([name, , , , at = '']) => `N ${name} ${at.split(', ').filter(Boolean).sort().join(',')}`);
  const volumes = (await rows(page, 'Volumes')).map(([name]) => `V ${name}`);
  const tasks = (await rows(page, 'Tasks')).map(
    ([name, , desired, state]) => `T ${name} ${desired} ${state}`,
  );
  return [...containers, ...networks, ...volumes, ...tasks].sort();
}

/** What the graph says of containers: their names and states. */
async function toldByGraph(page: Page): Promise<string[]> {
  const labels = await live(page)
    .getByRole('button', { name: /^Container / })
    .evaluateAll((cards) => cards.map((card) => card.textContent));
  return labels.map((label) => label.trim().replace(/^Container\s+(\S+)\s+(\w+).*/s, 'C $1 $2')).sort();
}

test('after each of forty random commands it says what the command line says', async () => {
  const page = await app.open('/playground');
  await machineRuns(page);
  await page.keyboard.press('Control+Shift+G');
  await exec(page, 'docker swarm init --task-history-limit 1 && docker pull -q busybox');
  const seed = Date.now() % 100_000;
  const done: string[] = [];
  for (const command of randomCommands(seed, 40)) {
    // Some make no sense at that moment, and are refused.
    await exec(page, command, 'may-fail');
    done.push(command);
    await expect
      .poll(
        async () => {
          await form(page, 'Table');
          const told = await toldByCommands(page);
          const shown = await toldByTables(page);
          await form(page, 'Graph');
          const drawn = await toldByGraph(page);
          const same = (a: string[], b: string[]): boolean => JSON.stringify(a) === JSON.stringify(b);
          if (!same(told, shown)) return { told, shown };
          return same(
            drawn,
            told.filter((line) => line.startsWith('C')),
          )
            ? 'the same'
            : { told, drawn };
        },
        { timeout: 60_000, interval: 500, message: `seed ${seed}: ${done.join('; ')}` },
      )
      .toBe('the same');
  }
  expect(app.takeErrors()).toEqual([]);
  await page.close();
});
