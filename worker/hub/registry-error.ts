/** Errors as registries answer them: the codes of the distribution spec 1.1 ("Error codes") with their HTTP status. */

import { json } from './http.ts';

const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  // The spec names codes for 4xx answers only.
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const;

export type RegistryErrorCode = keyof typeof STATUS;

export interface RegistryErrorOptions {
  /** Anything that helps, as JSON. */
  detail?: unknown;
  headers?: Record<string, string>;
  /** Where the spec wants another status than the code's usual one. */
  status?: number;
}

export class RegistryError extends Error {
  override readonly name = 'RegistryError';

  constructor(
    readonly code: RegistryErrorCode,
    message: string,
    readonly options: RegistryErrorOptions = {},
  ) {
    super(message);
  }

  response(): Response {
    const { detail, headers, status = STATUS[this.code] } = this.options;
    const errors = [{ code: this.code, message: this.message, detail }];
    return json({ errors }, { status, ...(headers && { headers }) });
  }
}
