import { App } from 'cdktf';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { readServers } from '../servers/index';
import { platform } from '../servers/platform';
import { stopOnErrors } from '../servers/problem';
import { recordOf } from './records';
import { DnsStack } from './stack';

runCommand({
  usage:
    'npx cdktf synth    the records as one stack in cdktf’s own form, to look at; npm run synth writes what is delivered',
  options: {},
  run() {
    const { servers, problems } = readServers(root, platform);
    stopOnErrors(problems);
    const records = servers.flatMap((server) => recordOf(server, platform) ?? []);
    // The workspace that the records join has the provider, which cdktf would miss here.
    const app = new App({ skipValidation: true });
    new DnsStack(app, platform.dns.workspace, records, platform);
    app.synth();
    return 0;
  },
});
