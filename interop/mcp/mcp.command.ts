import { runCommand } from '../../cli/command';
import { table } from '../../cli/table';
import { ourWorker } from '../../testing/processes/our-worker';
import { startServer } from '../../testing/processes/server-process';
import { inspector, lineOneClients, lineTwoClient, mcpRemote } from './clients';
import { everythingConformance, productConformance } from './conformance';
import { everythingServer } from './everything-server';
import { mcpPeers } from './peers';
import { type StepResult, take } from './step';

void runCommand({
  usage: 'npm run interop -- mcp [--json]\n  runs the official conformance suite and the clients against /mcp',
  options: {},
  async run({ json }) {
    const peers = mcpPeers();
    const recipe = ourWorker('base');
    const worker = await startServer(recipe);
    const everything = await startServer(everythingServer());
    try {
      const mcpUrl = `${worker.url}/mcp`;
      const everythingUrl = `${everything.url}/mcp`;
      const steps = [
        ...productConformance(peers, mcpUrl),
        ...everythingConformance(peers, everythingUrl, `${everything.url}/sessions`),
        ...lineOneClients(mcpUrl, everythingUrl, recipe.command),
        lineTwoClient(peers, mcpUrl),
        ...inspector(peers, mcpUrl),
        mcpRemote(peers, mcpUrl),
      ];
      const results: StepResult[] = [];
      // One after the other: several clients at once would say nothing more and hide which one failed.
      for (const step of steps) results.push(await take(step));
      const failed = results.filter(({ passed }) => !passed);
      if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
      else process.stdout.write(`${report(results)}\n${results.length} steps, ${failed.length} failed\n`);
      return failed.length === 0 ? 0 : 1;
    } finally {
      await Promise.all([worker.stop(), everything.stop()]);
    }
  },
});

function report(results: readonly StepResult[]): string {
  const rows = results.map(({ name, passed, seen }) => [name, passed ? '✓' : '✗', passed ? seen : '']);
  const failures = results.filter(({ passed }) => !passed).map(({ name, seen }) => `✗ ${name}\n${seen}`);
  return [table(['step', '', 'seen'], rows), ...failures].join('\n\n');
}
