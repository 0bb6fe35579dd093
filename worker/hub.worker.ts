/** Entry of the web worker that serves the hub to the page. */
import { expose } from 'comlink';
import { hubHost } from './hub-host.ts';
import { installErrorTransfer } from './transfer.ts';

installErrorTransfer();
expose(hubHost);
