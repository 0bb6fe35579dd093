import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;
beforeAll(async () => {
  vm = await restoreMachine();
});
afterAll(() => vm.machine.destroy());

const CONTEXT = `mkdir -p /tmp/app && cd /tmp/app && cat > Dockerfile <<'END'
FROM busybox
RUN echo built > /result
CMD ["cat", "/result"]
END`;

test.each([
  ['BuildKit', '1'],
  ['the classic builder', '0'],
])('builds a Dockerfile of three instructions with %s', async (_, buildkit) => {
  await vm.sh(`${CONTEXT}\nDOCKER_BUILDKIT=${buildkit} docker build --no-cache -t app:${buildkit} . 2>&1`);
  expect(await vm.sh(`docker run --rm app:${buildkit}`)).toBe('built');
});

test('compose brings two services up, and down again', async () => {
  await vm.sh(`mkdir -p /tmp/shop && cat > /tmp/shop/compose.yaml <<'END'
services:
  shop:
    image: busybox
    command: httpd -f -h /etc
    ports: ["8085:80"]
  customer:
    image: busybox
    command: sleep 1000
    depends_on: [shop]
END
cd /tmp/shop && docker compose up -d 2>&1`);
  expect(await vm.sh('cd /tmp/shop && docker compose ps --services --status running | sort')).toBe(
    'customer\nshop',
  );
  expect(
    await vm.sh('cd /tmp/shop && docker compose exec -T customer wget -qO- http://shop/hostname'),
  ).toMatch(/^[0-9a-f]{12}$/);
  await vm.sh('cd /tmp/shop && docker compose down 2>&1');
  expect(await vm.sh('docker ps -aq')).toBe('');
});
