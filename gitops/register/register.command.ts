import { describeProblems, firstForm, runCommand } from '../../cli/command';
import { usageText } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { allowlistFrom } from '../engine/allowlist';
import { withCallLimits } from '../tools/published';
import { declaredServers, terminal, toolSources, waitOf, worldFlags, worldOptions, worldUsage } from '../verify/flags';
import { nodeWorld } from '../verify/node-world';
import { watch } from '../verify/report';
import { readSecrets } from '../verify/secrets';
import { targetOf } from '../verify/target';
import { verify } from '../verify/verify';
import { engineApi } from './engine-api';
import { registrationJson, registrationText } from './print';
import { admit, checkSecret, notForEngines, register } from './register';

const usage = usageText({
  forms: { 'npm run register -- <server>': 'verifies a server, registers it with the engine, and waits for its tools' },
  flags: {
    '--dry-run': 'verifies it and shows what would change',
    '--print': 'shows the fields for the dashboard and the entry for the file of the engine',
    '--engine <url>': "the engine's API; without it, ARCADE_API_URL",
    '--url <url>': 'registers this address instead of the declared one',
    ...worldUsage,
  },
  notes: [
    'The API key is ARCADE_API_KEY. --wait also limits how long the tools may take to appear; 2m without it. Exits with 0 when the engine lists the tools, 1 otherwise.',
  ],
  examples: [
    'npm run register -- weather --print',
    'npm run register -- weather --engine https://engine.example.com --wait 5m',
  ],
});

void runCommand({
  usage,
  options: {
    ...worldFlags,
    engine: { type: 'string' },
    url: { type: 'string' },
    print: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  async run(flags, names) {
    const servers = declaredServers(names, flags);
    const [declared, ...others] = names.length === 0 ? [] : servers;
    if (declared === undefined || others.length > 0) {
      throw new Problem('USAGE', 'Cannot register: name one server', { fix: firstForm(usage) });
    }
    const byServer = toolSources([declared]);
    const [server = declared] = withCallLimits([declared], byServer);
    if (flags.print) {
      const printed = { name: server.name, platform: server.platform.name, ...registrationJson(server) };
      console.log(flags.json ? JSON.stringify(printed, null, 2) : registrationText(server));
      return 0;
    }
    const options = worldOptions(flags);
    const engine = engineApi(...engineAccess(flags.engine, process.env), options.authorities);
    const waitMs = waitOf(flags);
    const world = nodeWorld(options);
    const allowlist = allowlistFrom(flags.allowlisted ?? []);
    const { 'secret-file': file, 'secret-env': env, 'trim-newline': isTrimmed } = flags;
    const [secret] = await readSecrets([server], { file, env, isTrimmed }, terminal);
    checkSecret(server, secret?.reveal().toString('utf8') ?? '');
    const target = targetOf(server, { secret, url: flags.url, allowlist, sources: byServer.get(server.name) });
    const { say } = terminal;
    const how = { skip: notForEngines, waitMs: waitMs ?? 0, ...watch([target], say) };
    const report = await verify(target, world, how);
    world.close();
    admit(report);
    const isDryRun = flags['dry-run'] ?? false;
    const now = () => performance.now();
    const registration = { isDryRun, waitMs: waitMs ?? 120_000, say, sleep: world.sleep, now };
    const { kind, tools } = await register(server, report, engine, registration);
    secret?.wipe();
    const problems = report.results.flatMap(({ finding }) => ('problem' in finding ? [finding.problem] : []));
    const { name, platform } = server;
    const result = { name, platform: platform.name, url: target.url.href, kind, tools, problems };
    if (flags.json) console.log(JSON.stringify(result, null, 2));
    else if (!isDryRun) console.log(`✓ the engine lists ${tools.length} tools of ${name}: ${tools.join(', ')}`);
    if (!flags.json && problems.length > 0) say(describeProblems(problems));
    return 0;
  },
});

/** Address and key of the engine. There is no default address, so that the key reaches no other engine by accident. */
function engineAccess(flag: string | undefined, environment: NodeJS.ProcessEnv): [url: string, apiKey: string] {
  const url = flag ?? environment.ARCADE_API_URL ?? '';
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Problem('USAGE', 'Cannot register: no engine is named', {
      fix: 'pass --engine <url> or set ARCADE_API_URL, such as https://engine.example.com',
    });
  }
  const apiKey = environment.ARCADE_API_KEY ?? '';
  if (apiKey !== '') return [url, apiKey];
  throw new Problem('ENGINE-KEY', 'Cannot register: the API key of the engine is missing', {
    fix: 'set ARCADE_API_KEY; there is no flag for it',
  });
}
