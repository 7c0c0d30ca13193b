import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { usageText } from '../cli/usage';
import { workspaceOf } from '../model/dns';
import { readPlatforms } from '../model/platforms';
import { stopOnErrors } from '../model/problem';
import { readServers } from '../model/servers';
import { recordOf } from './records';
import { DnsApp, DnsStack } from './stack';

runCommand({
  usage: usageText({
    forms: { 'npx cdktf synth': 'one stack per platform as cdktf writes it; npm run synth writes what is delivered' },
    examples: ['npx cdktf synth'],
  }),
  options: {},
  run() {
    const platforms = readPlatforms(root);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const app = new DnsApp();
    for (const platform of platforms) {
      const workspace = workspaceOf(platform);
      if (workspace === undefined) continue;
      const here = servers.filter((server) => server.platform === platform);
      const id = platform.flag === '' ? workspace.workspace : platform.name;
      new DnsStack(
        app,
        id,
        here.flatMap((server) => recordOf(server) ?? []),
        workspace,
      );
    }
    app.synth();
    return 0;
  },
});
