/** What the user can do about an error of the hub. */
import { DrydockError, type ErrorCode } from '../../worker/error.ts';

const BY_CODE: Partial<Record<ErrorCode, string>> = {
  'download-failed': 'Check the connection, then try again. What is here already is not fetched twice.',
  'wrong-release': 'Reloading the page fetches parts that match.',
  'storage-full':
    'Remove images from offline use, delete pushed images, or free space on this device. Nothing that was stored is lost.',
  'unsupported-browser': 'Open the page by HTTPS, or on localhost.',
};

const OF_ARCHIVES =
  'The hub takes what docker save and skopeo copy … oci-archive: write, as .tar or .tar.gz. Nothing of this file was kept.';

/** @param during what was being done with the hub */
export function hubAdvice(error: Error, during: 'open' | 'keep' | 'export' | 'import'): string {
  const code = error instanceof DrydockError ? error.code : 'internal';
  if (code === 'damaged-file')
    return during === 'import'
      ? OF_ARCHIVES
      : 'Trying again usually helps; if not, the copy on the server is damaged.';
  if (code === 'wrong-state' && during === 'export')
    return 'It may have been deleted meanwhile, or a part of it is missing.';
  return BY_CODE[code] ?? 'Trying again, or reloading the page, may help.';
}

/** Whether an import failed because the catalogue has the archive's name, so that another name helps. */
export function needsAnotherName(error: Error): boolean {
  return error instanceof DrydockError && error.details['reason'] === 'in-catalogue';
}
