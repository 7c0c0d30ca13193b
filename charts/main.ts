import { App } from 'cdk8s';
import { Construct } from 'constructs';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { usageText } from '../cli/usage';
import { readPlatforms } from '../model/platforms';
import { stopOnErrors } from '../model/problem';
import { sealedFor } from '../model/sealed';
import { readSealedOf, readServers } from '../model/servers';
import { ServerChart } from './server-chart';

runCommand({
  usage: usageText({
    forms: { 'npx cdk8s synth': 'one file per server as cdk8s writes it; npm run synth writes what is delivered' },
    examples: ['npx cdk8s synth'],
  }),
  options: {},
  run() {
    const platforms = readPlatforms(root);
    const { servers, problems } = readServers(root, platforms);
    stopOnErrors(problems);
    const app = new App();
    for (const platform of platforms) {
      // With several platforms, file names start with the platform's.
      const scope = platform.flag === '' ? app : new Construct(app, platform.name);
      for (const server of servers.filter((each) => each.platform === platform)) {
        new ServerChart(scope, server, sealedFor(server, readSealedOf(server, root).sealed));
      }
    }
    app.synth();
    return 0;
  },
});
