import { App } from 'cdktf';
import { root } from '../cli/root';
import { readServers } from '../servers/index';
import { platform } from '../servers/platform';
import { stopOnErrors } from '../servers/problem';
import { recordOf } from './records';
import { DnsStack } from './stack';

// The app of cdktf.json, so that `npx cdktf synth` works here as elsewhere: one stack, in cdktf's own form.
const app = new App();
const { servers, problems } = readServers(root, platform);
stopOnErrors(problems);
new DnsStack(
  app,
  platform.dns.workspace,
  servers.flatMap((server) => recordOf(server, platform) ?? []),
  platform,
);
app.synth();
