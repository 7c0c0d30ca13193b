// A fake program of a cluster: answers 200 on every address in its flags.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';

const [name, ...args] = process.argv.slice(2);
const flags = Object.fromEntries(args.map((arg) => arg.replace(/^--/, '').split(/=(.*)/s)));
const answer = (_, response) => response.end('ready');

if (name !== 'kubectl') {
  const secure = Number(flags['secure-port'] ?? 0);
  const plain = ['listen-client-urls', 'server-address', 'listen-addr', 'health-addr'].flatMap(
    (flag) => flags[flag] ?? [],
  );
  for (const address of plain) createServer(answer).listen(Number(address.split(':').at(-1)), '127.0.0.1');
  if (secure > 0) {
    const [cert, key] = ['tls.crt', 'tls.key'].map((file) => readFileSync(`${flags['cert-dir']}/${file}`));
    createSecureServer({ cert, key }, answer).listen(secure, '127.0.0.1');
  }
}
