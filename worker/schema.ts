/**
 * zod for what crosses our edges in a browser: its small variant with its messages in English, told not to try
 * `new Function`, which the page's policy refuses.
 */
import en from 'zod/v4/locales/en.js';
import { z } from 'zod/mini';

z.config({ ...en(), jitless: true });

export { z };
