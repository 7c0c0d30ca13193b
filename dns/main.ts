import { App } from 'cdktf';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { readPlatform } from '../model/platforms';
import { stopOnErrors } from '../model/problem';
import { readServers } from '../model/servers';
import { recordOf } from './records';
import { DnsStack } from './stack';

runCommand({
  usage:
    'npx cdktf synth    the records as one stack in cdktf’s own form, to look at; npm run synth writes what is delivered',
  options: {},
  run() {
    const platform = readPlatform(root);
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
