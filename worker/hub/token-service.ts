/**
 * The token service of a registry (distribution.github.io, "Token Authentication Specification" and "Oauth2 Token
 * Authentication"): GET with Basic or without, POST as an OAuth 2 form. As on Docker Hub, GET hands out no refresh
 * token even if asked for with `offline_token`: `docker login` then keeps the password, as it does at home.
 */
import { readBasic, type Access } from './access.ts';
import type { Accounts, Credentials } from './accounts.ts';
import { readBounded } from '../bounded-body.ts';
import type { HttpRequest } from '../net/http/message.ts';
import { json } from './http.ts';
import { TOKEN_SECONDS, type Granted, type Tokens } from './tokens.ts';

/** An OAuth form is short. */
const MAX_FORM_BYTES = 64 * 1024;

export class TokenService {
  constructor(
    private readonly access: Access,
    private readonly accounts: Accounts,
    private readonly tokens: Tokens,
    private readonly now: () => number,
  ) {}

  async fetch(request: HttpRequest): Promise<Response> {
    if (request.method === 'GET') return this.get(request);
    if (request.method === 'POST') return this.post(request);
    return new Response(null, { status: 405, headers: { Allow: 'GET, POST' } });
  }

  private async get(request: HttpRequest): Promise<Response> {
    const scopes = new URL(request.url).searchParams.getAll('scope');
    const authorization = request.headers.get('authorization');
    if (authorization === null) return this.issue('', scopes);
    const credentials = readBasic(authorization.replace(/^basic\s+/i, ''));
    if (!credentials) return refused('the Authorization header cannot be read');
    return this.withPassword(credentials, scopes, 'access-only');
  }

  private async post(request: HttpRequest): Promise<Response> {
    const body = await readBounded(request.body, MAX_FORM_BYTES);
    if (!body) return invalid('invalid_request');
    const form = new URLSearchParams(new TextDecoder().decode(body));
    const scopes = form.getAll('scope');
    switch (form.get('grant_type')) {
      case 'password':
        return this.withPassword(
          { user: form.get('username') ?? '', password: form.get('password') ?? '' },
          scopes,
          form.get('access_type') === 'offline' ? 'with-refresh' : 'access-only',
        );
      case 'refresh_token': {
        const given = form.get('refresh_token') ?? '';
        const claims = await this.tokens.verify(given, 'refresh', this.access.registry.service);
        return claims
          ? this.issue(claims.sub, scopes, given)
          : refused('this login is not valid; log in again');
      }
      default:
        return invalid('unsupported_grant_type');
    }
  }

  private async withPassword(
    credentials: Credentials,
    scopes: string[],
    kind: 'access-only' | 'with-refresh',
  ): Promise<Response> {
    const login = await this.accounts.login(this.access.registry, credentials);
    if (login.state === 'refused') return refused(login.why);
    const refresh =
      kind === 'with-refresh'
        ? await this.tokens.refresh(this.access.registry.service, credentials.user)
        : undefined;
    return this.issue(credentials.user, scopes, refresh);
  }

  private async issue(user: string, scopes: string[], refresh?: string): Promise<Response> {
    const access: Granted[] = [];
    for (const scope of scopes.flatMap((list) => list.split(' '))) {
      const granted = await this.access.grant(user, scope);
      if (granted && granted.actions.length > 0) access.push(granted);
    }
    const token = await this.tokens.access(this.access.registry.service, user, access);
    return json(
      {
        token,
        access_token: token,
        expires_in: TOKEN_SECONDS,
        issued_at: new Date(this.now()).toISOString(),
        scope: access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' '),
        ...(refresh !== undefined && { refresh_token: refresh }),
      },
      { headers: { 'Cache-Control': 'no-store' } },
    );
  }
}

/** `details` is what Docker Hub sends and the Engine prints; `errors` is what others read. */
function refused(why: string): Response {
  return json({ details: why, errors: [{ code: 'UNAUTHORIZED', message: why }] }, { status: 401 });
}

/** RFC 6749, section 5.2. */
function invalid(error: string): Response {
  return json({ error }, { status: 400 });
}
