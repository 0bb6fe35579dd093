/**
 * Who may do what: everybody pulls everything that is there; users push to and delete in the repositories under their
 * own name; nobody pushes to the catalogue's. A request shows who it is from by a token or, as many registries also
 * take it, by user and password directly.
 */
import type { Accounts, Credentials } from './accounts.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { isName } from './names.ts';
import type { RegistryHost } from './registries.ts';
import { RegistryError } from './registry-error.ts';
import type { Repositories } from './repositories.ts';
import type { Granted, Tokens } from './tokens.ts';

export type Action = 'pull' | 'push' | 'delete';

/** What a request wants to do. */
export type Need =
  { kind: 'base' } | { kind: 'catalogue' } | { kind: 'repository'; name: string; action: Action };

/** What the bearer of a request may do with the repository in question. */
export type Allowed = ReadonlySet<string>;

const ANYBODY = '';

export class Access {
  constructor(
    readonly registry: RegistryHost,
    private readonly repositories: Repositories,
    private readonly accounts: Accounts,
    private readonly tokens: Tokens,
  ) {}

  /**
   * The part of a scope, as in `repository:ann/web:pull,push`, that a user has a right to. As on Docker Hub, that is
   * nothing where one would only pull what is not there, so that `docker pull` says the same of each such name.
   */
  async grant(user: string, scope: string): Promise<Granted | undefined> {
    const [, type, name, wanted] = /^([a-z]+)(?:\([a-z]+\))?:(.+):([a-z*,]*)$/.exec(scope) ?? [];
    if (type === undefined || name === undefined || wanted === undefined) return undefined;
    const asked = wanted.split(',');
    const changes = asked.some((action) => ['push', 'delete', '*'].includes(action));
    const allowed =
      type === 'repository'
        ? await this.allowed(user, name, changes ? 'change' : 'pull')
        : type === 'registry'
          ? ['*']
          : [];
    const actions = asked.includes('*')
      ? allowed
      : asked.filter((action) => allowed.includes(action) || allowed.includes('*'));
    return { type, name, actions };
  }

  /**
   * Lets a request pass.
   * @returns what it may do with the repository that it names
   * @throws RegistryError UNAUTHORIZED with the challenge (RFC 6750), DENIED
   */
  async authorize(request: HttpRequest, need: Need): Promise<Allowed> {
    const [scheme = '', value = ''] = (request.headers.get('authorization') ?? '').split(' ', 2);
    if (scheme.toLowerCase() === 'bearer') return this.byToken(value, need);
    if (scheme.toLowerCase() === 'basic') return this.byPassword(value, need);
    throw this.challenge(need);
  }

  private async byToken(token: string, need: Need): Promise<Allowed> {
    const claims = await this.tokens.verify(token, 'access', this.registry.service);
    if (!claims) throw this.challenge(need, 'invalid_token');
    if (need.kind === 'base') return new Set();
    const granted = claims.access.filter((one) =>
      need.kind === 'catalogue'
        ? one.type === 'registry' && one.name === 'catalog'
        : one.type === 'repository' && one.name === need.name,
    );
    const actions = new Set(granted.flatMap((one) => one.actions));
    if (need.kind === 'repository' ? actions.has(need.action) : actions.has('*')) return actions;
    throw this.challenge(need, 'insufficient_scope');
  }

  private async byPassword(value: string, need: Need): Promise<Allowed> {
    const credentials = readBasic(value);
    const login = credentials && (await this.accounts.login(this.registry, credentials));
    if (login?.state !== 'accepted') throw this.challenge(need, undefined, login?.why);
    if (need.kind !== 'repository') return new Set(['*']);
    const actions = new Set(await this.allowed(credentials?.user ?? ANYBODY, need.name));
    if (actions.has(need.action)) return actions;
    throw new RegistryError('DENIED', 'requested access to the resource is denied');
  }

  /** `wish` tells whether more is asked for than to pull, which needs something to be there. */
  private async allowed(user: string, name: string, wish: 'pull' | 'change' = 'change'): Promise<string[]> {
    if (!isName(name)) return [];
    const repository = `${this.registry.name}/${name}`;
    const own =
      user !== ANYBODY &&
      name.startsWith(`${user}/`) &&
      !this.repositories.catalogue.repositories.has(repository);
    if (own && wish === 'change') return ['pull', 'push', 'delete'];
    return (await this.repositories.exists(repository)) ? ['pull'] : [];
  }

  private challenge(need: Need, error?: string, why?: string): RegistryError {
    const { realm, service } = this.registry;
    const parameters = {
      realm,
      service,
      ...(need.kind === 'repository' && {
        scope: `repository:${need.name}:${need.action === 'push' ? 'pull,push' : need.action}`,
      }),
      ...(need.kind === 'catalogue' && { scope: 'registry:catalog:*' }),
      ...(error !== undefined && { error }),
    };
    const list = Object.entries(parameters).map(([key, value]) => `${key}="${value}"`);
    const detail =
      need.kind === 'repository'
        ? [{ Type: 'repository', Class: '', Name: need.name, Action: need.action }]
        : undefined;
    return new RegistryError('UNAUTHORIZED', why ?? 'authentication required', {
      detail,
      headers: { 'WWW-Authenticate': `Bearer ${list.join(',')}` },
    });
  }
}

/** Reads the value of a `Basic` authorization (RFC 7617). */
export function readBasic(value: string): Credentials | undefined {
  let text: string;
  try {
    text = new TextDecoder().decode(Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
