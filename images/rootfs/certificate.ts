/**
 * The hub's TLS certificate, and the authority that every machine trusts for it. Both are made anew by each build of the
 * disk: the keys lie in the machine for everybody to read, so nobody outside a machine may trust them.
 *
 * The machine is slow, hence
 * - Ed25519: a `docker pull` over TLS takes 205 Mi of guest instructions with it, 318 with P-256 and 388 with RSA;
 * - no authorities of the internet, which nothing here can reach (`etc/ca-certificates.conf`): to read all of Debian's
 *   takes each Go program 130 Mi and curl 75;
 * - the hub's own certificate among the trusted ones: Go then spares itself the authority's signature.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
  trust(root, work, ['authority', 'hub']);
}

/** What update-ca-certificates would do in a machine, if these were all that it finds. */
function trust(root: string, work: string, names: string[]): void {
  const [own, all] = ['usr/local/share/ca-certificates', 'etc/ssl/certs'];
  for (const folder of [own, all]) mkdirSync(join(root, folder), { recursive: true });
  for (const name of names) {
    const file = join(own, `drydock-${name}.crt`);
    cpSync(join(work, `${name}.pem`), join(root, file));
    const hash = execFileSync('openssl', ['x509', '-subject_hash', '-noout', '-in', join(root, file)]);
    symlinkSync(`/${file}`, join(root, all, `drydock-${name}.pem`));
    symlinkSync(`drydock-${name}.pem`, join(root, all, `${hash.toString().trim()}.0`));
  }
  const bundle = names.map((name) => readFileSync(join(work, `${name}.pem`), 'utf8')).join('');
  writeFileSync(join(root, all, 'ca-certificates.crt'), bundle);
}
