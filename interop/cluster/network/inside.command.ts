import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { runCommand } from '../../../cli/command';
import { loopback, relay } from './relay';

// In a network namespace of its own, where a pod's address is whatever it is said to be: kwok gives out some of 10.0.0.0/8.
void runCommand({
  usage: [
    'unshare --user --map-root-user --net \\',
    '  node cli/run.mjs interop/cluster/network/inside.command.ts <socket>=<port> … <port>=<socket> …',
    'Takes calls at socket files for ports in there, and at ports in there for socket files, until standard input ends.',
  ].join('\n'),
  options: {},
  async run(_, pairs) {
    for (const args of ['link set lo up', 'route add local 10.0.0.0/8 dev lo']) execFileSync('ip', args.split(' '));
    const relays = pairs.map((pair) => {
      const [from, to] = pair
        .split('=')
        .map((place) => (/^\d+$/.test(place) ? loopback(Number(place)) : { path: place }));
      if (from === undefined || to === undefined) throw new Error(`"${pair}" leads nowhere`);
      return relay(from, to);
    });
    await Promise.all(relays);
    process.stdout.write('ready\n');
    await once(process.stdin.resume(), 'end');
    // The relays would go on.
    process.exit();
  },
});
