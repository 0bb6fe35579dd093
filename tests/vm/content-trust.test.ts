/** Content trust against a real Notary, server and signer, both from the hub's images. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { restoreMachine, type TestMachine } from './machine.ts';

let vm: TestMachine;

const TRUST = `export DOCKER_CONTENT_TRUST_SERVER=https://node1:4443 DOCKER_CONTENT_TRUST=1
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=tag-secret
`;

const trusting = (script: string): Promise<string> => vm.sh(TRUST + script);
const refused = (script: string): Promise<string> => vm.failure(TRUST + script);

const CERTIFICATES = `mkdir -p /root/notary && cd /root/notary
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj '/CN=Lab CA' -keyout ca.key -out ca.crt
for name in notary-server notary-signer; do
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name.key -out $name.csr
  printf 'subjectAltName=DNS:%s,DNS:node1\\nextendedKeyUsage=serverAuth,clientAuth\\n' $name > $name.ext
  openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile $name.ext -out $name.crt
done
chmod 644 *.key`;

const own = (name: string): string => `"tls_cert_file":"/lab/${name}.crt","tls_key_file":"/lab/${name}.key"`;

const CONFIGURATION = `cd /root/notary
cat > server.json <<'END'
{"server":{"http_addr":":4443",${own('notary-server')}},
 "trust_service":{"type":"remote","hostname":"notary-signer","port":"7899","tls_ca_file":"/lab/ca.crt",
  "tls_client_cert":"/lab/notary-server.crt","tls_client_key":"/lab/notary-server.key","key_algorithm":"ecdsa"},
 "logging":{"level":"info"},"storage":{"backend":"memory"}}
END
cat > signer.json <<'END'
{"server":{"grpc_addr":":7899",${own('notary-signer')},"client_ca_file":"/lab/ca.crt"},
 "logging":{"level":"info"},"storage":{"backend":"memory"}}
END
docker network create trust
docker run -d --name notary-signer --network trust -v $PWD:/lab:ro drydock/notary-signer -config=/lab/signer.json
docker run -d --name notary-server --network trust -p 4443:4443 -v $PWD:/lab:ro drydock/notary-server -config=/lab/server.json
mkdir -p /root/.docker/tls/node1:4443 && cp ca.crt /root/.docker/tls/node1:4443/ca.crt
curl -fsS --cacert ca.crt --retry 60 --retry-all-errors --retry-delay 1 https://node1:4443/_notary_server/health`;

beforeAll(async () => {
  vm = await restoreMachine();
  await vm.sh('docker pull -q drydock/notary-signer && docker pull -q drydock/notary-server', {
    timeout: 170,
  });
  await vm.sh(CERTIFICATES);
  await vm.sh(CONFIGURATION, { timeout: 170 });
  await vm.sh('echo secret | docker login -u gordon --password-stdin');
}, 420_000);
afterAll(() => vm.machine.destroy());

test('a push signs the tag, and a pull takes what was signed', async () => {
  await vm.sh('docker tag busybox gordon/signed:1');
  expect(await trusting('docker push gordon/signed:1 2>&1')).toContain(
    'Successfully signed docker.io/gordon/signed:1',
  );
  await vm.sh('docker rmi gordon/signed:1');
  expect(await trusting('docker pull gordon/signed:1 2>&1')).toMatch(/gordon\/signed:1@sha256:[0-9a-f]{64}/);
  expect(await trusting('docker trust inspect --pretty gordon/signed')).toMatch(/^1\s+[0-9a-f]{64}/m);
});

test('an unsigned tag is refused, unless trust is switched off', async () => {
  await vm.sh('docker tag busybox gordon/signed:plain && docker push -q gordon/signed:plain');
  expect(await refused('docker pull gordon/signed:plain 2>&1')).toContain('No valid trust data for plain');
  await trusting('docker pull -q --disable-content-trust gordon/signed:plain');
});

test('a tag that was moved without a signature still gives the signed image', async () => {
  const signed = await vm.sh(`docker image inspect gordon/signed:1 --format '{{.Id}}'`);
  await vm.sh('docker tag hello-world gordon/signed:1 && docker push -q gordon/signed:1');
  await trusting('docker pull -q gordon/signed:1');
  expect(await vm.sh(`docker image inspect gordon/signed:1 --format '{{.Id}}'`)).toBe(signed);
});

test('a signer is added, signs, and is revoked', async () => {
  await trusting(
    `cd /root/notary && docker trust key generate alice 2>&1 && docker trust signer add --key alice.pub alice gordon/signed 2>&1`,
  );
  await vm.sh('docker tag busybox gordon/signed:2');
  expect(await trusting('docker trust sign gordon/signed:2 2>&1')).toContain('Successfully signed');
  expect(await trusting('docker trust inspect --pretty gordon/signed')).toMatch(/^2\s+[0-9a-f]{64}\s+alice/m);
  await trusting('docker trust revoke gordon/signed:2 2>&1');
  expect(await refused('docker pull gordon/signed:2 2>&1')).toContain('No valid trust data for 2');
});
