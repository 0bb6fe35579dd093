/** Names of archives on the user's disk. */
import { familiarName, isDigest } from '../../worker/hub/names.ts';

/** The file that an image is saved as: `nginx-1.26.oci.tar`. */
export function archiveName(repository: string, reference: string): string {
  const tag = isDigest(reference) ? reference.slice('sha256:'.length, 'sha256:'.length + 12) : reference;
  return `${`${familiarName(repository)}-${tag}`.replace(/[^\w.-]+/g, '-')}.oci.tar`;
}

/** What an archive's file name says of the image in it: `my-app` of `my-app.oci.tar.gz`. */
export function nameOfArchive(file: string): string {
  return file.replace(/(?:\.oci|\.docker)?(?:\.tar|\.tgz|\.tar\.gz)?$/i, '');
}
