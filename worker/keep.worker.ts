/** Entry of the web worker that keeps sessions. */
import { expose } from 'comlink';
import { keepHost } from './keep-host.ts';
import { installErrorTransfer } from './transfer.ts';

installErrorTransfer();
expose(keepHost);
