import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { Problem, stopOnErrors } from '../../model/problem';
import { pick, readServers } from '../../model/servers';
import { allowlistFrom } from '../engine/allowlist';
import { targetOf } from './declared';
import { namesIn, skippedSteps, worldFlags, worldOptions, worldUsage } from './flags';
import { nodeWorld } from './node-world';
import { reportJson } from './report';
import { readSecret, readSecrets } from './secrets';
import { stepNames } from './step';
import { verifyAll } from './verify';
import { durationMs } from './wait';
import { watch } from './watch';

const usage = `npm run verify                          every server, as the engine and its clients find it
npm run verify -- <server> …            these alone
npm run verify -- <server> --url <url>  at the address that was registered
${worldUsage}
    --no-secret            leaves out what needs the worker secret
    --old-secret-file <path>, --old-secret-env <NAME>   the secret before a rotation, which must be refused
    --expect <Tool,Tool>   the tools that shall be there
    --invoke <Tool|all>    may be called although it does not say that it is read-only; several
    --skip <step>          leaves one out: ${stepNames.slice(0, 8).join(', ')}, …
    --kubectl              asks the cluster too; --context <name> which
    --json                 for machines

Exits with 0 when all is well, 1 otherwise.`;

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
    if (flags.url !== undefined && servers.length !== 1) {
      throw new Problem('USAGE', 'Cannot ask several servers at one address', {
        fix: 'name the server: -- <server> --url <url>',
      });
    }
    const secretWorld = {
      stdin: process.stdin,
      environment: process.env,
      say: (line: string) => void process.stderr.write(`${line}\n`),
    };
    const secrets = flags['no-secret']
      ? []
      : await readSecrets(servers, { file: flags['secret-file'], env: flags['secret-env'] }, secretWorld);
    const old = oldSource(flags);
    if (old !== undefined && servers.length !== 1) {
      throw new Problem('USAGE', 'Cannot try the old secret of several servers at once', { fix: 'name one server' });
    }
    const oldSecret = old === undefined || first === undefined ? undefined : await readSecret(first, old, secretWorld);
    const targets = servers.map((server, index) =>
      targetOf(server, platform, {
        url: flags.url,
        secret: secrets[index],
        oldSecret,
        allowlist: allowlistFrom(flags.allowlisted ?? []),
        expectedTools: flags.expect === undefined ? undefined : namesIn(flags.expect),
        invoke: namesIn(flags.invoke),
        inCluster: flags.kubectl ?? false,
      }),
    );
    const world = nodeWorld({ ...worldOptions(flags), context: flags.context });
    const options = {
      skip: skippedSteps(namesIn(flags.skip)),
      waitMs: flags.wait === undefined ? 0 : durationMs(flags.wait, 'wait'),
      ...(flags.json ? {} : watch(targets, process.stdout)),
    };
    const reports = await verifyAll(targets, world, options);
    world.close();
    for (const secret of secrets) secret.wipe();
    oldSecret?.wipe();
    const isGood = reports.every((report) => report.isGood);
    if (flags.json) console.log(JSON.stringify({ ok: isGood, servers: reports.map(reportJson) }, null, 2));
    else if (reports.length > 1)
      console.log(`${reports.filter((report) => report.isGood).length} of ${reports.length} servers are good`);
    return isGood ? 0 : 1;
  },
});

function oldSource(flags: { 'old-secret-file'?: string | undefined; 'old-secret-env'?: string | undefined }) {
  if (flags['old-secret-file'] !== undefined) return { kind: 'file', path: flags['old-secret-file'] } as const;
  if (flags['old-secret-env'] !== undefined) return { kind: 'environment', name: flags['old-secret-env'] } as const;
  return undefined;
}
