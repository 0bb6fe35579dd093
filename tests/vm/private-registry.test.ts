/** A registry of one's own in the machine, as Docker's documentation has it, from the hub's image. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;
beforeAll(async () => {
  vm = await restoreMachine();
  await vm.sh('docker pull -q registry:2 && docker pull -q httpd:2', { timeout: 170 });
}, 240_000);
afterAll(() => vm.machine.destroy());

/** Waits until `url` answers with success. */
const answers = (url: string, options = ''): Promise<string> =>
  vm.sh(`curl -fsS ${options} --retry 60 --retry-all-errors --retry-delay 1 ${url} 2>/dev/null`);

describe('on port 5000', () => {
  beforeAll(async () => {
    await vm.sh(
      'docker run -d --name registry -p 5000:5000 -v images:/var/lib/registry -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2',
    );
    await answers('http://localhost:5000/v2/');
  });

  test('takes a push, shows it, and gives it back', async () => {
    await vm.sh('docker tag busybox localhost:5000/lab/box:1 && docker push -q localhost:5000/lab/box:1');
    expect(await vm.sh('curl -s localhost:5000/v2/_catalog')).toContain('lab/box');
    expect(await vm.sh('curl -s localhost:5000/v2/lab/box/tags/list')).toContain('"1"');
    await vm.sh('docker rmi localhost:5000/lab/box:1');
    expect(await vm.sh('docker run --rm localhost:5000/lab/box:1 echo back')).toBe('back');
  });

  test('keeps its images on the volume when it is replaced', async () => {
    await vm.sh('docker rm -f registry');
    await vm.sh(
      'docker run -d --name registry -p 5000:5000 -v images:/var/lib/registry -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2',
    );
    expect(await answers('http://localhost:5000/v2/lab/box/tags/list')).toContain('"1"');
  });

  test('frees space when an image is deleted and the garbage collected', async () => {
    const used = async (): Promise<number> =>
      Number(await vm.sh(`docker run --rm -v images:/images busybox du -s /images | cut -f1`));
    const before = await used();
    await vm.sh(
      `digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://localhost:5000/lab/box:1) &&
       curl -fsS -X DELETE localhost:5000/v2/lab/box/manifests/$digest`,
    );
    expect(
      await vm.sh('docker exec registry registry garbage-collect /etc/docker/registry/config.yml 2>&1'),
    ).toMatch(/[1-9] blobs and \d+ manifests eligible for deletion/);
    expect(await used()).toBeLessThan(before / 2);
    await vm.sh('docker rm -f -v registry && docker volume rm images');
  });
});

describe('with a certificate and passwords', () => {
  beforeAll(async () => {
    await vm.sh(
      `mkdir -p /root/reg/certs /root/reg/auth /etc/docker/certs.d/node1:5443 && cd /root/reg &&
       openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=node1 \\
         -addext subjectAltName=DNS:node1 -keyout certs/node1.key -out certs/node1.crt 2>/dev/null &&
       docker run --rm --entrypoint htpasswd httpd:2 -Bbn ann secret > auth/htpasswd &&
       docker run -d --name secure -p 5443:5000 -v $PWD:/reg:ro -e REGISTRY_HTTP_TLS_CERTIFICATE=/reg/certs/node1.crt \\
         -e REGISTRY_HTTP_TLS_KEY=/reg/certs/node1.key -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Lab \\
         -e REGISTRY_AUTH_HTPASSWD_PATH=/reg/auth/htpasswd registry:2`,
    );
    await answers('https://node1:5443/v2/', '--cacert /root/reg/certs/node1.crt -u ann:secret');
  });

  test('is refused until its certificate is trusted, and then for a wrong password', async () => {
    expect(await vm.failure('docker pull node1:5443/lab/box')).toMatch(/x509|certificate/);
    await vm.sh('cp /root/reg/certs/node1.crt /etc/docker/certs.d/node1:5443/ca.crt');
    expect(await vm.failure('echo wrong | docker login node1:5443 -u ann --password-stdin')).toMatch(
      /unauthorized|401/,
    );
    expect(await vm.sh('echo secret | docker login node1:5443 -u ann --password-stdin')).toContain(
      'Login Succeeded',
    );
  });

  test('takes a push from whoever has logged in', async () => {
    await vm.sh('docker tag busybox node1:5443/lab/box && docker push -q node1:5443/lab/box');
    await vm.sh('docker rmi node1:5443/lab/box && docker pull -q node1:5443/lab/box');
    await vm.sh('docker logout node1:5443 && docker rmi node1:5443/lab/box');
    expect(await vm.failure('docker pull node1:5443/lab/box')).toContain('no basic auth credentials');
    await vm.sh('docker rm -f secure');
  });
});

test('a pull-through cache gives what the hub has, and keeps it', async () => {
  await vm.sh(
    'docker run -d --name cache -p 5001:5000 -e REGISTRY_PROXY_REMOTEURL=http://mirror.drydock registry:2',
  );
  await answers('http://localhost:5001/v2/');
  await vm.sh(
    'docker pull -q localhost:5001/library/alpine && docker run --rm localhost:5001/library/alpine true',
  );
  expect(await answers('http://localhost:5001/v2/_catalog')).toContain('library/alpine');
  await vm.sh('docker rm -f -v cache');
});

test('a debug address tells its health', async () => {
  await vm.sh('docker run -d --name health -p 5002:5001 -e REGISTRY_HTTP_DEBUG_ADDR=:5001 registry:2');
  expect(await answers('http://localhost:5002/debug/health')).toBe('{}');
  await vm.sh('docker rm -f -v health');
});
