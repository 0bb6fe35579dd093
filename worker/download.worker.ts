/** Entry of the web worker that downloads for machines. */
import { expose } from 'comlink';
import { downloadHost } from './downloads.ts';
import { installErrorTransfer } from './transfer.ts';

installErrorTransfer();
expose(downloadHost);
