/**
 * Puts the content security policy into index.html. The built page may load nothing from elsewhere and
 * run no inline script; the development server's hot replacement needs a WebSocket beside that.
 */
import type { Plugin } from 'vite';
import { configuredOrigins } from './preview-origin.ts';

const POLICY: Record<string, string[]> = {
  'default-src': ["'self'"],
  // v86 compiles guest code to WebAssembly as it runs.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'", 'blob:'],
  // xterm.js and the floating parts set styles from script.
  'style-src': ["'self'", "'unsafe-inline'"],
  // blob: is for images among the machine's files.
  'img-src': ["'self'", 'data:', 'blob:'],
  'font-src': ["'self'"],
  // data: is how zstddec loads its own WebAssembly, https: is for lesson packs that a link names.
  'connect-src': ["'self'", 'data:', 'https:'],
  // Pages of containers are shown on origins of their own: those of a deployment, or other ports of localhost.
  'frame-src':
    configuredOrigins().length > 0 ? configuredOrigins() : ['http://localhost:*', 'http://127.0.0.1:*'],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'object-src': ["'none'"],
};

export function contentSecurityPolicy(): Plugin {
  let development = false;
  return {
    name: 'drydock:content-security-policy',
    configResolved: (config) => {
      development = config.command === 'serve' && !config.isProduction;
    },
    transformIndexHtml: () => {
      const policy = development
        ? { ...POLICY, 'connect-src': ["'self'", 'data:', 'https:', 'ws:'] }
        : POLICY;
      const content = Object.entries(policy)
        .map(([directive, sources]) => [directive, ...sources].join(' '))
        .join('; ');
      return [
        {
          tag: 'meta',
          injectTo: 'head-prepend',
          attrs: { 'http-equiv': 'Content-Security-Policy', content },
        },
      ];
    },
  };
}
