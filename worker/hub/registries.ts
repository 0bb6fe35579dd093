/** The registries that the hub answers for, with the hosts and token services of the real ones. */

export interface RegistryHost {
  /** As in the names of images. */
  name: string;
  /** Hosts that answer its API and its search. */
  hosts: readonly string[];
  /** Where tokens come from; answered under this very address. */
  realm: string;
  /** Whom tokens are for. */
  service: string;
  /** Names that an account may have, and the rule in words. */
  userName: RegExp;
  userRule: string;
}

/** GitHub's rule, near enough to Quay's: up to 39 characters, single hyphens inside. */
const PLAIN_USER = {
  userName: /^(?=.{1,39}$)[a-z0-9]+(?:-[a-z0-9]+)*$/,
  userRule: 'up to 39 lower-case letters, digits and single hyphens',
};

export const REGISTRIES: readonly RegistryHost[] = [
  {
    name: 'docker.io',
    hosts: ['registry-1.docker.io', 'index.docker.io', 'docker.io'],
    realm: 'https://auth.docker.io/token',
    service: 'registry.docker.io',
    // docs.docker.com, "Create a Docker account".
    userName: /^[a-z0-9]{4,30}$/,
    userRule: '4 to 30 lower-case letters and digits',
  },
  {
    name: 'ghcr.io',
    hosts: ['ghcr.io'],
    realm: 'https://ghcr.io/token',
    service: 'ghcr.io',
    ...PLAIN_USER,
  },
  {
    name: 'quay.io',
    hosts: ['quay.io'],
    realm: 'https://quay.io/v2/auth',
    service: 'quay.io',
    ...PLAIN_USER,
  },
  {
    name: 'gcr.io',
    hosts: ['gcr.io'],
    realm: 'https://gcr.io/v2/token',
    service: 'gcr.io',
    ...PLAIN_USER,
  },
];
