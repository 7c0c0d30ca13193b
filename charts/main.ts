import { App } from 'cdk8s';
import { root } from '../cli/root';
import { readSealedOf, readServers } from '../servers/index';
import { platform } from '../servers/platform';
import { stopOnErrors } from '../servers/problem';
import { ServerChart } from './server-chart';

// The app of cdk8s.yaml, so that `npx cdk8s synth` works here as elsewhere: one file a server, in cdk8s' own form.
const app = new App();
const { servers, problems } = readServers(root, platform);
stopOnErrors(problems);
for (const server of servers) new ServerChart(app, server, platform, readSealedOf(server, root).sealed);
app.synth();
