/**
 * Accounts of this browser. The first login of a name makes its account; later ones must give the same password.
 * Passwords are kept as PBKDF2-HMAC-SHA-256 with a salt of their own (RFC 8018), 600 000 rounds as OWASP's Password
 * Storage Cheat Sheet asks. Docker sends the password for every token, so what was proved once is remembered (as a
 * hash, for this hub only).
 */
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { CatalogueImages } from './catalogue-images.ts';
import type { AccountRecord } from './records.ts';
import type { RegistryHost } from './registries.ts';
import { sameBytes } from './same-bytes.ts';
import type { HubStore } from './store.ts';

const ITERATIONS = 600_000;

export interface Credentials {
  user: string;
  password: string;
}

/** Whether somebody is who they say; if not, why, as a sentence for the person at the prompt. */
export type Login = { state: 'accepted' } | { state: 'refused'; why: string };

export class Accounts {
  private readonly proved = new Map<string, string>();

  constructor(
    private readonly store: HubStore,
    private readonly catalogue: CatalogueImages,
  ) {}

  async login(registry: RegistryHost, { user, password }: Credentials): Promise<Login> {
    if (!registry.userName.test(user))
      return refused(`"${user}" cannot be a user name here: it takes ${registry.userRule}`);
    if (this.catalogue.hasNamespace(`${registry.name}/${user}`))
      return refused(`the name "${user}" is taken by images of the catalogue; choose another one`);
    if (password === '') return refused('a password is needed');
    const known =
      (await this.store.account(registry.name, user)) ?? (await this.add(registry.name, user, password));
    if (!(await this.matches(`${registry.name} ${user}`, known, password)))
      return refused('incorrect username or password');
    return { state: 'accepted' };
  }

  /** Makes an account, unless another instance was faster; the one that counts. */
  private async add(registry: string, user: string, password: string): Promise<AccountRecord> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const hash = await derive(password, salt, ITERATIONS);
    this.proved.set(`${registry} ${user}`, proofOf(hash, password));
    return this.store.addAccount(registry, user, { salt, iterations: ITERATIONS, hash });
  }

  private async matches(key: string, account: AccountRecord, password: string): Promise<boolean> {
    const proof = proofOf(account.hash, password);
    if (this.proved.get(key) === proof) return true;
    if (!sameBytes(await derive(password, account.salt, account.iterations), account.hash)) return false;
    this.proved.set(key, proof);
    return true;
  }
}

function proofOf(hash: Uint8Array, password: string): string {
  return bytesToHex(sha256(concatBytes(hash, utf8ToBytes(password))));
}

const refused = (why: string): Login => ({ state: 'refused', why });

/** By the browser, or where it has no WebCrypto (a page over plain HTTP) by @noble/hashes: the same bytes, slower. */
async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const subtle = (globalThis.crypto as Partial<Crypto>).subtle;
  if (!subtle) return new Uint8Array(await pbkdf2Async(sha256, password, salt, { c: iterations, dkLen: 32 }));
  const key = await subtle.importKey('raw', new TextEncoder().encode(password), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return new Uint8Array(await subtle.deriveBits(parameters, key, 256));
}
