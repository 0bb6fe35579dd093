import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;
beforeAll(async () => {
  vm = await restoreMachine();
});
afterAll(() => vm.machine.destroy());

const digestOf = (image: string): Promise<string> =>
  vm.sh(`docker image inspect ${image} --format '{{index .RepoDigests 0}}'`);

describe('a pull', () => {
  test('by its short name, its whole name and its digest brings the same image', async () => {
    expect(await vm.sh('docker pull nginx')).toContain('Status: Downloaded newer image for nginx:latest');
    const digest = await digestOf('nginx');
    expect(await vm.sh('docker pull docker.io/library/nginx:latest')).toContain('Image is up to date');
    await vm.sh('docker rmi nginx');
    await vm.sh(`docker pull ${digest}`);
    expect(await digestOf(digest)).toBe(digest);
    await vm.sh(`docker rmi ${digest}`);
  });

  test('takes a platform that there is, and no other', async () => {
    await vm.sh('docker pull --platform linux/386 redis');
    expect(await vm.failure('docker pull --platform linux/arm64 redis 2>&1')).toMatch(
      /no matching manifest|does not match|not provide/,
    );
  });

  test('of all tags brings them all', async () => {
    await vm.sh('docker pull --all-tags --quiet drydock/whoami');
    expect(
      (await vm.sh(`docker images drydock/whoami --format '{{.Tag}}'`)).split('\n').length,
    ).toBeGreaterThan(1);
  });

  test.each(['ghcr.io', 'quay.io'])('from %s comes over TLS', async (registry) => {
    await vm.sh(`docker pull ${registry}/drydock/whoami`);
    await vm.sh(`docker rmi ${registry}/drydock/whoami`);
  });

  test('of what is not there fails with the words of Docker Hub', async () => {
    expect(await vm.failure('docker pull mongo')).toContain(
      `pull access denied for mongo, repository does not exist or may require 'docker login'`,
    );
    expect(await vm.failure('docker pull nginx:0.1')).toContain(
      'manifest for nginx:0.1 not found: manifest unknown',
    );
  });
});

describe('an account', () => {
  test('is made by the first login; another password is refused', async () => {
    expect(await vm.sh('echo secret | docker login -u gordon --password-stdin')).toContain('Login Succeeded');
    await vm.sh('docker logout');
    expect(await vm.failure('echo wrong | docker login -u gordon --password-stdin')).toContain(
      'incorrect username or password',
    );
  });

  test('pushes into its own namespace only, and pulls back what it pushed', async () => {
    await vm.sh('echo secret | docker login -u gordon --password-stdin');
    expect(await vm.failure('docker pull gordon/box')).toContain('pull access denied for gordon/box');
    await vm.sh('docker tag busybox gordon/box:1 && docker tag busybox somebody/box:1');
    expect(await vm.failure('docker push somebody/box:1')).toContain(
      'denied: requested access to the resource is denied',
    );
    expect(await vm.sh('docker push gordon/box:1')).toMatch(/1: digest: sha256:[0-9a-f]{64} size: \d+/);
    await vm.sh('docker rmi gordon/box:1 somebody/box:1');
    expect(await vm.sh('docker run --rm gordon/box:1 echo back')).toBe('back');
  });

  test('pushes again what is there already without sending it', async () => {
    expect(await vm.sh('docker push gordon/box:1')).toContain('Layer already exists');
  });

  test('pushes to other registries after a login there', async () => {
    await vm.sh('echo secret | docker login ghcr.io -u gordon --password-stdin');
    await vm.sh('docker tag busybox ghcr.io/gordon/box && docker push -q ghcr.io/gordon/box');
    await vm.sh('docker rmi ghcr.io/gordon/box && docker pull -q ghcr.io/gordon/box');
  });
});

describe('a search', () => {
  test('finds what the catalogue has, official images first', async () => {
    const lines = (await vm.sh(`docker search nginx --format '{{.Name}} {{.IsOfficial}}'`)).split('\n');
    expect(lines[0]).toBe('nginx [OK]');
  });

  test('takes filters and limits', async () => {
    const all = await vm.sh(`docker search --filter is-official=true --limit 3 --format '{{.Name}}' web`);
    expect(all.split('\n').length).toBeLessThanOrEqual(3);
    expect(await vm.sh(`docker search --filter stars=10000000 --format '{{.Name}}' nginx`)).toBe('');
  });
});

describe('other tools', () => {
  test('docker manifest and buildx look into an image without pulling it', async () => {
    const manifest = JSON.parse(await vm.sh('docker manifest inspect nginx')) as { schemaVersion: number };
    expect(manifest.schemaVersion).toBe(2);
    expect(await vm.sh('docker buildx imagetools inspect nginx')).toContain('docker.io/library/nginx');
  });

  test('skopeo inspects, lists and copies', async () => {
    const seen = JSON.parse(await vm.sh('skopeo inspect docker://docker.io/library/redis')) as {
      Architecture: string;
    };
    expect(seen.Architecture).toBe('386');
    expect(await vm.sh('skopeo list-tags docker://docker.io/library/nginx')).toContain('"latest"');
    await vm.sh('skopeo copy docker://docker.io/library/hello-world oci:/tmp/hello:latest');
    await vm.sh(
      'skopeo copy --dest-creds gordon:secret oci:/tmp/hello:latest docker://docker.io/gordon/hello',
    );
    expect(await vm.sh('docker run --rm gordon/hello')).toContain('Hello from Docker!');
  });

  test('a build takes its base from the hub', async () => {
    await vm.sh(
      `mkdir -p /tmp/site && cd /tmp/site && echo 'built here' > index.html &&
       printf 'FROM nginx:1.26\\nCOPY index.html /usr/share/nginx/html/\\n' > Dockerfile && docker build -q -t site .`,
      { timeout: 300 },
    );
    await vm.sh('docker run -d --name site -p 8080:80 site');
    expect(await vm.sh('curl -s --retry 20 --retry-connrefused --retry-delay 1 localhost:8080')).toBe(
      'built here',
    );
    await vm.sh('docker rm -f site');
  });

  test('Compose pulls what it starts', async () => {
    await vm.sh(
      `mkdir -p /tmp/shop && cd /tmp/shop && docker rmi -f redis >/dev/null 2>&1
       printf 'services:\\n  store:\\n    image: redis\\n' > compose.yaml && docker compose up -d`,
      { timeout: 300 },
    );
    expect(
      await vm.sh(
        'cd /tmp/shop && for i in $(seq 30); do docker compose exec -T store redis-cli ping 2>/dev/null && exit; sleep 1; done; exit 1',
      ),
    ).toBe('PONG');
    await vm.sh('cd /tmp/shop && docker compose down -t 0');
  });
});

describe('Swarm', () => {
  test('a service pulls what its tasks run', async () => {
    await vm.sh('docker rmi -f memcached >/dev/null 2>&1; docker swarm init >/dev/null');
    await vm.sh('docker service create --detach --name cache memcached');
    await vm.sh(
      `for i in $(seq 120); do [ "$(docker service ls --format '{{.Replicas}}')" = 1/1 ] && exit; sleep 1; done; docker service ps --no-trunc cache; exit 1`,
      { timeout: 240 },
    );
    await vm.sh('docker service rm cache && docker swarm leave --force');
  });
});

/** Ends the last background job once it has printed `text` to `file`. */
const killOnce = (text: string, file: string): string =>
  `until grep -q '${text}' ${file}; do sleep 0.1; done; kill $!; wait; true`;

describe('interrupted', () => {
  test('a pull leaves no broken image, and can be repeated', async () => {
    await vm.sh('docker rmi -f nginx nginx:1.26 site >/dev/null 2>&1; docker builder prune -af >/dev/null');
    await vm.sh(`docker pull nginx >/tmp/pull & ${killOnce('fs layer', '/tmp/pull')}`);
    expect(await vm.sh('docker images -q nginx')).toBe('');
    await vm.sh('docker pull -q nginx');
  });

  test('a push is not visible, and can be repeated', async () => {
    await vm.sh(
      `printf 'FROM nginx\\nRUN head -c 20000000 /dev/urandom > /data\\n' | docker build -q -t gordon/half -
       docker push gordon/half >/tmp/push & ${killOnce('Preparing', '/tmp/push')}`,
    );
    expect(await vm.failure('skopeo inspect docker://docker.io/gordon/half')).toMatch(
      /denied|unauthorized|unknown/,
    );
    await vm.sh('docker push -q gordon/half && docker rmi gordon/half && docker pull -q gordon/half');
  });

  test('by a reset of the machine leaves the hub as it was, and can be repeated', async () => {
    await vm.sh(
      `printf 'FROM nginx\\nRUN head -c 20000000 /dev/urandom > /data\\n' | docker build -q -t gordon/cut -`,
    );
    const pushing = vm.machine.exec('docker push -q gordon/cut');
    pushing.catch(() => undefined);
    await vm.sh('until pgrep -x docker >/dev/null; do sleep 0.1; done; sleep 1');
    await vm.machine.reset();
    await vm.sh('docker login -u gordon -p secret 2>/dev/null');
    expect(await vm.failure('docker pull -q gordon/cut')).toMatch(/not found|denied|unknown/);
    const pulling = vm.machine.exec('docker pull -q nginx');
    pulling.catch(() => undefined);
    await vm.sh('until pgrep -x docker >/dev/null; do sleep 0.1; done; sleep 1');
    await vm.machine.reset();
    expect(await vm.sh('docker images -q nginx')).toBe('');
    await vm.sh('docker pull -q nginx && docker login -u gordon -p secret 2>/dev/null');
    await vm.sh('docker tag nginx gordon/cut && docker push -q gordon/cut && docker rmi gordon/cut');
    await vm.sh('docker pull -q gordon/cut');
  });
});
