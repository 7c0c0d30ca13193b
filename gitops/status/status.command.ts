import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { pickPlatforms, readPlatforms } from '../../model/platforms';
import { worldFlags, worldOptions } from '../verify/flags';
import { nodeWorld } from '../verify/node-world';
import { openTargets } from './delivered';
import { describeRows, isUrgent, rowsJson } from './report';
import { readDisk } from './rows';
import { askAll } from './running';

const usage = [
  'npm run status                   what is declared, rendered, delivered and running, and what to do where they differ',
  'npm run status -- <server> …     of these alone',
  '  --to <checkout>                compares a checkout of the GitOps repository; repeatable, for several repositories',
  '  --dns-to <checkout>            and one of the repository with the DNS workspace',
  '  --platform <name>              of one platform alone',
  '  --offline                      asks no running server',
  '  --resolver, --connect-to, --ca, --timeout <10s>   as npm run verify takes them',
  '  --json                         the same for machines',
  '',
  'A checkout is looked at as it lies there: pull first. Servers are asked without a secret. What was not asked is no',
  'difference. Exits with 0 when there is nothing to do, 1 where somebody has to act.',
].join('\n');

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
    const targets = openTargets(root, chosen, { to, dnsTo });
    const { servers, tools, rows: rowsWith } = readDisk(root, { platforms, chosen, names, targets });
    const asked = offline ? [] : servers.map((server) => ({ server, sources: tools.get(server.name) }));
    const running = await askAll(asked, world, json ? undefined : showProgress(asked.length));
    world.close();
    const rows = rowsWith(running);
    const isGood = !isUrgent(rows);
    console.log(json ? JSON.stringify({ ok: isGood, servers: rowsJson(rows) }, null, 2) : describeRows(rows));
    return isGood ? 0 : 1;
  },
});

/** A progress line on a terminal; nothing elsewhere. */
function showProgress(of: number): (finished: number) => void {
  return (finished) => {
    if (!process.stderr.isTTY) return;
    process.stderr.write(finished < of ? `\rasked ${finished} of ${of} servers\x1b[K` : '\r\x1b[K');
  };
}
