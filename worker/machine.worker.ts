/** Entry of the machine's web worker. */
import { expose } from 'comlink';
import { host } from './host.ts';
import { installErrorTransfer } from './transfer.ts';

installErrorTransfer();
expose(host);
