/** What the origin of a preview has of its own, beside the pages of the machine. */

/** The hidden page. */
export const CONNECTOR = '/drydock-preview.html';

export const CONNECTOR_SCRIPT = '/drydock-preview.js';

/** The service worker. */
export const WORKER = '/drydock-preview-worker.js';

/** What is put into each page that is shown. */
export const PAGE_SCRIPT = '/drydock-preview-page.js';
