import { showProgress } from '../../cli/colours';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { pickPlatforms, readPlatforms } from '../../model/platforms';
import { worldFlags, worldOptions } from '../verify/flags';
import { nodeWorld } from '../verify/node-world';
import { openTargets } from './opened';
import { describeRows, isUrgent, rowsJson } from './report';
import { readDisk } from './rows';
import { askAll } from './running';

const usage = usageText({
  forms: {
    'npm run status [-- <server> …]':
      'compares what is declared, rendered, delivered and running, and names the next command where they differ',
  },
  flags: {
    '--to <checkout>': 'compares with a checkout of the GitOps repository; repeatable',
    '--dns-to <checkout>': 'compares with a checkout of the repository with the DNS workspace; repeatable',
    '--platform <name>': 'on this platform only',
    '--offline': 'asks no running server',
    '--resolver <address>': 'the name server to ask; repeatable',
    '--connect-to <address[:port]>': 'connects there, whatever DNS says',
    '--ca <file>': 'trusts another certificate authority; repeatable',
    '--timeout <10s>': 'for one request',
  },
  notes: [
    'It reads checkouts as they are: pull first. It asks servers without a secret. What it did not ask is no difference. Exits with 0 when nothing is left to do, 1 when somebody has to act.',
  ],
  examples: ['npm run status', 'npm run status -- weather --to ../fleet --offline'],
});

const { platform, resolver, 'connect-to': connectTo, ca, timeout } = worldFlags;

void runCommand({
  usage,
  options: {
    ...{ platform, resolver, 'connect-to': connectTo, ca, timeout },
    to: { type: 'string', multiple: true },
    'dns-to': { type: 'string', multiple: true },
    offline: { type: 'boolean' },
  },
  async run({ to = [], 'dns-to': dnsTo = [], offline = false, json, ...flags }, names) {
    const world = nodeWorld(worldOptions(flags));
    const platforms = readPlatforms(root);
    const chosen = pickPlatforms(platforms, flags.platform);
    const { opened: targets, problems } = openTargets(root, chosen, { to, dnsTo });
    const { servers, tools, rows: rowsWith } = readDisk(root, { platforms, chosen, names, targets });
    const asked = offline ? [] : servers.map((server) => ({ server, sources: tools.get(server.name) }));
    const running = await askAll(asked, world, json ? undefined : showAsked(asked.length));
    world.close();
    const rows = rowsWith(running);
    const isGood = !isUrgent(rows);
    if (json) console.log(JSON.stringify({ ok: isGood, servers: rowsJson(rows), problems }, null, 2));
    else {
      console.log(describeRows(rows));
      if (problems.length > 0) console.error(describeProblems(problems));
    }
    return isGood ? 0 : 1;
  },
});

function showAsked(of: number): (finished: number) => void {
  return (finished) => showProgress(finished < of ? `asked ${finished} of ${of} servers` : '');
}
