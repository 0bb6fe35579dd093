import { proveImages } from './proof.ts';

proveImages(0);
