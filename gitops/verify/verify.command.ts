import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pick, readServers } from '../../model/servers';
import { allowlistFrom } from '../engine/allowlist';
import type { Source } from '../seal/read-plaintext';
import { durationMs, namesIn, skippedSteps, worldFlags, worldOptions, worldUsage } from './flags';
import { nodeWorld } from './node-world';
import { reportJson } from './report';
import { readSecret, readSecrets } from './secrets';
import { stepNames } from './step';
import { targetOf } from './target';
import { verifyAll } from './verify';
import { watch } from './watch';

const usage = `npm run verify                          every server, as the engine and its clients find it
npm run verify -- <server> …            only these
npm run verify -- <server> --url <url>  at the address that was registered
${worldUsage}
    --no-secret            leaves out what needs the worker secret
    --old-secret-file <path>, --old-secret-env <NAME>   the secret before a rotation, which must be refused
    --expect <Tool,Tool>   the tools that must be there; without it those of the server's tools/
    --invoke <Tool|all>    may be called although it does not say that it is read-only; repeatable
    --skip <step>          leaves one out: ${stepNames.slice(0, 8).join(', ')}, …
    --kubectl              asks the cluster too; --context <name> says which
    --json                 for machines

Exits with 0 when nothing failed, 1 otherwise.`;

void runCommand({
  usage,
  options: {
    ...worldFlags,
    'no-secret': { type: 'boolean' },
    'old-secret-file': { type: 'string' },
    'old-secret-env': { type: 'string' },
    url: { type: 'string' },
    expect: { type: 'string', multiple: true },
    invoke: { type: 'string', multiple: true },
    skip: { type: 'string', multiple: true },
    kubectl: { type: 'boolean' },
    context: { type: 'string' },
  },
  async run(flags, names) {
    const platform = readPlatform(root);
    const declared = readServers(root, platform);
    stopOnErrors(declared.problems);
    const servers = pick(declared.servers, names);
    const [first] = servers;
    const old = oldSource(flags);
    for (const [flag, value] of [
      ['--url', flags.url],
      ['--old-secret-…', old],
    ] as const) {
      if (value === undefined || servers.length === 1) continue;
      throw new Problem('USAGE', `Cannot use ${flag} for several servers`, { fix: 'name one server' });
    }
    const world = nodeWorld({ ...worldOptions(flags), context: flags.context });
    const options = {
      skip: skippedSteps(namesIn(flags.skip)),
      waitMs: flags.wait === undefined ? 0 : durationMs(flags.wait, 'wait'),
    };
    const allowlist = allowlistFrom(flags.allowlisted ?? []);
    const secretWorld = {
      stdin: process.stdin,
      environment: process.env,
      say: (line: string) => void process.stderr.write(`${line}\n`),
    };
    const sources = { file: flags['secret-file'], env: flags['secret-env'] };
    const secrets = flags['no-secret'] ? [] : await readSecrets(servers, sources, secretWorld);
    const oldSecret = old === undefined || first === undefined ? undefined : await readSecret(first, old, secretWorld);
    const targets = servers.map((server, index) =>
      targetOf(server, platform, {
        url: flags.url,
        secret: secrets[index],
        oldSecret,
        allowlist,
        expectedTools: flags.expect && namesIn(flags.expect),
        invoke: namesIn(flags.invoke),
        inCluster: flags.kubectl ?? false,
      }),
    );
    const watcher = flags.json ? {} : watch(targets, process.stdout);
    const reports = await verifyAll(targets, world, { ...options, ...watcher });
    world.close();
    for (const secret of [...secrets, oldSecret]) secret?.wipe();
    const good = reports.filter(({ isGood }) => isGood).length;
    const isGood = good === reports.length;
    if (flags.json) console.log(JSON.stringify({ ok: isGood, servers: reports.map(reportJson) }, null, 2));
    else if (reports.length > 1) console.log(`${good} of ${reports.length} servers are good`);
    return isGood ? 0 : 1;
  },
});

/** Where the secret before a rotation is. */
function oldSource(flags: { 'old-secret-file'?: string; 'old-secret-env'?: string }): Source | undefined {
  const { 'old-secret-file': path, 'old-secret-env': name } = flags;
  if (path !== undefined) return { kind: 'file', path };
  return name === undefined ? undefined : { kind: 'environment', name };
}
