/** What `vite.config.ts` puts into the app. */
interface ImportMetaEnv {
  /** Of this build, as `vite/app-version.ts` writes it. */
  readonly DRYDOCK_VERSION: string;
}
