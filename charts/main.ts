import { App } from 'cdk8s';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { readPlatform } from '../model/platforms';
import { stopOnErrors } from '../model/problem';
import { sealedFor } from '../model/sealed';
import { readSealedOf, readServers } from '../model/servers';
import { ServerChart } from './server-chart';

runCommand({
  usage: 'npx cdk8s synth    one file a server in cdk8s’ own form, to look at; npm run synth writes what is delivered',
  options: {},
  run() {
    const platform = readPlatform(root);
    const { servers, problems } = readServers(root, platform);
    stopOnErrors(problems);
    const app = new App();
    for (const server of servers) {
      new ServerChart(app, server, platform, sealedFor(server, readSealedOf(server, root).sealed));
    }
    app.synth();
    return 0;
  },
});
