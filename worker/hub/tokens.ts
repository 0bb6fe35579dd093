/**
 * Tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256 under the store's own key, as the registry token
 * specification (distribution.github.io, "Token Authentication Implementation") describes them: who, for which
 * registry, until when, and what they may do.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from '../schema.ts';
import { sameBytes } from './same-bytes.ts';
import type { HubStore } from './store.ts';

/** How long an access token lives, in seconds, as on Docker Hub. */
export const TOKEN_SECONDS = 300;

const granted = z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) });

const claims = z.object({
  iss: z.literal('drydock'),
  /** The user; empty for anybody. */
  sub: z.string(),
  /** The service. */
  aud: z.string(),
  /** Seconds since 1970. A refresh token has none. */
  exp: z.optional(z.number()),
  iat: z.number(),
  use: z.enum(['access', 'refresh']),
  access: z.array(granted),
});

/** A resource and what may be done with it. */
export type Granted = z.infer<typeof granted>;
export type Claims = z.infer<typeof claims>;

export class Tokens {
  constructor(private readonly store: HubStore) {}

  /** A token to call the API with. */
  access(service: string, user: string, access: Granted[]): Promise<string> {
    const iat = this.seconds();
    return this.sign({
      iss: 'drydock',
      sub: user,
      aud: service,
      iat,
      exp: iat + TOKEN_SECONDS,
      use: 'access',
      access,
    });
  }

  /** A token to get others with, in the place of the password. */
  refresh(service: string, user: string): Promise<string> {
    const iat = this.seconds();
    return this.sign({ iss: 'drydock', sub: user, aud: service, iat, use: 'refresh', access: [] });
  }

  /** What a token says, if it is ours, of this use, for this service and not expired. */
  async verify(token: string, use: Claims['use'], service: string): Promise<Claims | undefined> {
    const [header, body, signature, ...rest] = token.split('.');
    if (header === undefined || body === undefined || signature === undefined || rest.length > 0)
      return undefined;
    const given = fromBase64Url(signature);
    if (!given || !sameBytes(given, await this.signature(`${header}.${body}`))) return undefined;
    const text = fromBase64Url(body);
    const parsed = claims.safeParse(text && JSON.parse(new TextDecoder().decode(text)));
    if (!parsed.success) return undefined;
    const { aud, exp = Infinity } = parsed.data;
    return parsed.data.use === use && aud === service && this.seconds() < exp ? parsed.data : undefined;
  }

  private seconds(): number {
    return Math.floor(this.store.now() / 1000);
  }

  private async sign(payload: Claims): Promise<string> {
    const signed = [{ typ: 'JWT', alg: 'HS256' }, payload]
      .map((part) => toBase64Url(utf8ToBytes(JSON.stringify(part))))
      .join('.');
    return `${signed}.${toBase64Url(await this.signature(signed))}`;
  }

  private async signature(signed: string): Promise<Uint8Array> {
    return hmac(sha256, await this.store.signingKey(), utf8ToBytes(signed));
  }
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) =>
      letter.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}
