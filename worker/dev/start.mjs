// `npm start`: the worker as the image runs it, out of a fresh bundle. It differs in two things: it speaks HTTP unless told
// otherwise, and then it wants the secret, because somebody who starts it by hand without one would look for the worker
// routes in vain.
import { createRequire } from 'node:module';
import { bundle } from '../build.mjs';
import { readFlags } from './flags.mjs';

readFlags(
  [],
  `npm start

The worker as the image runs it, until Ctrl-C; on SIGTERM it goes on serving for WORKER_DRAIN_SECONDS first.
    ARCADE_WORKER_SECRET     wanted: the secret that the engine signs with
    ARCADE_SERVER_PORT       8000 by default
    WORKER_OPERATIONS_PORT   metrics and probes; 9090 by default`,
);
process.env.ARCADE_SERVER_TRANSPORT ??= 'http';
if (process.env.ARCADE_SERVER_TRANSPORT !== 'stdio' && process.env.ARCADE_WORKER_SECRET === undefined) {
  console.error(
    'Cannot start the worker: ARCADE_WORKER_SECRET is missing; set it, or use `npm run dev`, which makes one',
  );
  process.exit(1);
}
process.setSourceMapsEnabled(true);
const file = await bundle().catch(() => {
  // esbuild has already said which line of which file it cannot read.
  process.exit(1);
});
createRequire(import.meta.url)(file);
