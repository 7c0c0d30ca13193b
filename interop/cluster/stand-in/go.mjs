// A fake Go: every program that it builds is a server that is ready immediately.
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [verb, ...args] = process.argv.slice(2);
if (verb === 'version') console.log('go version go0.0.0 stand-in');
if (verb === 'list') console.log(join(here, 'module'));
if (verb === 'build') {
  const file = args[args.indexOf('-o') + 1];
  console.error('a/package\nanother/package');
  if (process.env.STAND_IN_HANGS) {
    writeFileSync(process.env.STAND_IN_HANGS, String(process.pid));
    setInterval(() => undefined, 1000);
  } else {
    writeFileSync(
      file,
      `#!/bin/sh\nexec "${process.execPath}" "${join(here, 'program.mjs')}" "$(basename "$0")" "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
}
