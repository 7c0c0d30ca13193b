import { dirname } from 'node:path';

/** The repository's folder. Both this file and the bundle that cli/run.mjs makes of it lie one folder below. */
export const root = dirname(__dirname);
