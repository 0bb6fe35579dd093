import { proveImages } from './proof.ts';

proveImages(1);
