import { App } from 'cdk8s';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { readSealedOf, readServers } from '../servers/index';
import { platform } from '../servers/platform';
import { stopOnErrors } from '../servers/problem';
import { sealedFor } from '../servers/sealed';
import { ServerChart } from './server-chart';

runCommand({
  usage: 'npx cdk8s synth    one file a server in cdk8s’ own form, to look at; npm run synth writes what is delivered',
  options: {},
  run() {
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
