// `npm start`: the worker as the image runs it, out of a fresh bundle. It differs in one thing: it wants the secret,
// because somebody who starts it by hand without one would look for the worker routes in vain.
import { createRequire } from 'node:module';
import { bundle } from './build.mjs';

if (process.env.ARCADE_WORKER_SECRET === undefined) {
  console.error(
    'Cannot start the worker: ARCADE_WORKER_SECRET is missing; set it, or use `npm run dev`, which makes one',
  );
  process.exit(1);
}
process.env.ARCADE_SERVER_TRANSPORT ??= 'http';
process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(await bundle());
