import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { runCommand } from '../../../cli/command';
import { loopback, relay } from './relay';

// Runs in a separate network namespace, where all of 10.0.0.0/8, from which kwok assigns pod addresses, is local.
void runCommand({
  usage: [
    'unshare --user --map-root-user --net \\',
    '  node cli/run.mjs interop/cluster/network/inside.command.ts <socket>=<port> … <port>=<socket> …',
    'Relays connections between socket files and ports of the namespace, until standard input ends.',
  ].join('\n'),
  options: {},
  async run(_, pairs) {
    for (const args of ['link set lo up', 'route add local 10.0.0.0/8 dev lo']) execFileSync('ip', args.split(' '));
    const relays = pairs.map((pair) => {
      const [from, to] = pair
        .split('=')
        .map((place) => (/^\d+$/.test(place) ? loopback(Number(place)) : { path: place }));
      if (from === undefined || to === undefined)
        throw new Error(`"${pair}" is not <socket>=<port> or <port>=<socket>`);
      return relay(from, to);
    });
    await Promise.all(relays);
    process.stdout.write('ready\n');
    await once(process.stdin.resume(), 'end');
    // The relays would keep the process alive.
    process.exit();
  },
});
