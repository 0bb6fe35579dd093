/**
 * The names by which a machine finds the hub. Registries are spoken to over TLS, which the machine itself takes off
 * (`drydock-hub.service`, at an address of its own) and passes on as plain HTTP to the gateway; the mirror, from which
 * the Engine pulls what is on Docker Hub, is plain HTTP at the gateway at once, for speed.
 */
import { REGISTRIES } from './registries.ts';

/** Host name of the plain-HTTP mirror of Docker Hub. */
export const MIRROR_NAME = 'mirror.drydock';

/** Host names of the registries and of what belongs to them. */
export const REGISTRY_NAMES: readonly string[] = [
  ...new Set(REGISTRIES.flatMap(({ hosts, realm }) => [...hosts, new URL(realm).hostname])),
];
