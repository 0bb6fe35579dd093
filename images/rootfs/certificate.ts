/**
 * The hub's TLS certificate, and the authority that every machine trusts for it. Both are made anew by each build of the
 * disk: the keys lie in the machine for everybody to read, so nobody outside a machine may trust them.
 *
 * Ed25519, because the machine is slow: a `docker pull` over TLS takes 205 Mi of guest instructions with it, 318 with
 * P-256 and 388 with RSA.
 */
import { mkdirSync, readFileSync, appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../pipeline/command.ts';
import { REGISTRY_NAMES } from '../../worker/hub/host-names.ts';

/** Twenty years: a page may lie on a server, or in a browser, for long. */
const DAYS = '7300';

const AUTHORITY = '/O=Drydock/CN=Drydock hub, inside this machine only';

/** Puts key and certificate of the hub into `root`, and its authority among those that programs there trust. */
export async function installCertificate(root: string, work: string): Promise<void> {
  const openssl = (...parameters: string[]): Promise<void> => command('openssl', parameters, { cwd: work });
  const makeKey = (name: string): Promise<void> =>
    openssl('genpkey', '-algorithm', 'ed25519', '-out', `${name}.key`);
  await makeKey('authority');
  await openssl(
    ...['req', '-x509', '-new', '-key', 'authority.key', '-days', DAYS, '-subj', AUTHORITY],
    ...['-addext', 'keyUsage=critical,keyCertSign', '-out', 'authority.pem'],
  );
  await makeKey('hub');
  await openssl('req', '-new', '-key', 'hub.key', '-subj', '/CN=Drydock hub', '-out', 'hub.csr');
  const names = REGISTRY_NAMES.map((name) => `DNS:${name}`).join(',');
  writeFileSync(join(work, 'extensions'), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  await openssl(
    ...['x509', '-req', '-in', 'hub.csr', '-CA', 'authority.pem', '-CAkey', 'authority.key'],
    ...['-CAcreateserial', '-days', DAYS, '-extfile', 'extensions', '-out', 'hub.pem'],
  );
  const folder = join(root, 'etc/drydock');
  mkdirSync(folder, { recursive: true });
  for (const file of ['hub.pem', 'hub.key'])
    writeFileSync(join(folder, file), readFileSync(join(work, file)), { mode: 0o600 });
  // What update-ca-certificates would do.
  const authority = readFileSync(join(work, 'authority.pem'));
  const own = join(root, 'usr/local/share/ca-certificates');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'drydock-hub.crt'), authority);
  appendFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), authority);
}
