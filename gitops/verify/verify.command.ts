import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { Problem, stopOnErrors } from '../../model/problem';
import type { Sealed } from '../../model/sealed';
import { readSealedOf } from '../../model/servers';
import type { Server } from '../../model/spec';
import { allowlistFrom } from '../engine/allowlist';
import {
  declaredServers,
  invokedTools,
  namesIn,
  skippedSteps,
  terminal,
  toolSources,
  waitOf,
  worldFlags,
  worldOptions,
  worldUsage,
} from './flags';
import { nodeWorld } from './node-world';
import { reportJson, watch } from './report';
import { readSecrets } from './secrets';
import { stepNames } from './step';
import { targetOf } from './target';
import { verifyAll } from './verify';

const usage = usageText({
  forms: {
    'npm run verify [-- <server> …]': 'asks running servers what the engine and MCP clients will ask',
    'npm run verify -- <server> --url <url>': 'asks at the address that was registered',
  },
  flags: {
    ...worldUsage,
    '--url <url>': 'the address to ask instead of the declared one',
    '--no-secret': 'leaves out the steps that need the worker secret',
    '--old-secret-file <path>': 'the secret before a rotation, which the server must refuse',
    '--old-secret-env <NAME>': 'the same from a variable',
    '--expect <Tool,Tool>':
      'the tools that the server must have; without it, those of its tools/ with their schemas and examples',
    '--invoke <Tool|all>': 'may be called although it does not declare that it is read-only; repeatable',
    '--skip <step>': `leaves out a step: ${stepNames.join(', ')}; repeatable`,
    '--kubectl': 'asks the cluster too',
    '--context <name>': 'the context of kubectl',
  },
  notes: ['Exits with 0 when no step failed, 1 otherwise.'],
  examples: ['npm run verify -- weather --wait 5m', 'WEATHER_SECRET=… npm run verify -- weather --kubectl'],
});

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
    const servers = declaredServers(names, flags);
    const isTrimmed = flags['trim-newline'];
    const old = { file: flags['old-secret-file'], env: flags['old-secret-env'], isTrimmed };
    const hasOld = (old.file ?? old.env) !== undefined;
    if (servers.length > 1 && (hasOld || flags.url !== undefined)) {
      const flag = hasOld ? '--old-secret-…' : '--url';
      throw new Problem('USAGE', `Cannot use ${flag} for several servers`, { fix: 'name one server' });
    }
    const world = nodeWorld({ ...worldOptions(flags), context: flags.context });
    const options = { skip: skippedSteps(namesIn(flags.skip)), waitMs: waitOf(flags) ?? 0 };
    const tools = toolSources(servers);
    const invoke = invokedTools(namesIn(flags.invoke), servers, tools);
    const allowlist = allowlistFrom(flags.allowlisted ?? []);
    const sources = { file: flags['secret-file'], env: flags['secret-env'], isTrimmed };
    const secrets = flags['no-secret'] ? [] : await readSecrets(servers, sources, terminal);
    const [oldSecret] = hasOld ? await readSecrets(servers, old, terminal) : [];
    const sealed = flags.kubectl ? sealedOf(servers) : [];
    const targets = servers.map((server, index) =>
      targetOf(server, {
        url: flags.url,
        secret: secrets[index],
        oldSecret,
        allowlist,
        sources: tools.get(server.name),
        expectedTools: flags.expect && namesIn(flags.expect),
        invoke,
        sealed: sealed[index],
      }),
    );
    const watcher = flags.json ? {} : watch(targets, console.log);
    const reports = await verifyAll(targets, world, { ...options, ...watcher });
    world.close();
    for (const secret of [...secrets, oldSecret]) secret?.wipe();
    const good = reports.filter(({ isGood }) => isGood).length;
    const isGood = good === reports.length;
    const [platform] = servers.map((server) => server.platform.name);
    if (flags.json) console.log(JSON.stringify({ ok: isGood, platform, servers: reports.map(reportJson) }, null, 2));
    else if (reports.length > 1) console.log(`${good} of ${reports.length} servers are good`);
    return isGood ? 0 : 1;
  },
});

/** The sealed values of each server, in order; they decide the names of Secrets. @throws Problems such as SEAL-FORM */
function sealedOf(servers: readonly Server[]): readonly Sealed[] {
  const readings = servers.map((server) => readSealedOf(server, root));
  stopOnErrors(readings.flatMap(({ problems }) => problems));
  return readings.map(({ sealed }) => sealed);
}
