import { execFileSync } from 'node:child_process';
import { runCommand } from '../../cli/command';
import { pythonWithReference } from '../../interop/worker/python';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server-process';
import { cellsOf, floorRoutes, tokenCells } from './cells';
import { keepAwake, loadCore, serverCore, stayOffTheServersCore } from './cores';
import { report } from './report';
import { operations, requests } from './requests';
import { inTurn, type Plan } from './rounds';
import { memoryAfterCalls, startTimes } from './sampling';
import { type Measurements, noFigures, targets, type Variant } from './targets';
import { floor, installedPeers, mcpServerPerRequest, nodeOfTheImage, onCore, onNode, ours, python } from './variants';
import { type LoadGenerator, loadGenerator } from './wrk';

void runCommand({
  usage: [
    'npm run bench -- worker [--quick] [--own-node] [--json]',
    '  our worker beside a bare Fastify, the real Python server and the MCP frameworks; exit code 1 when a bar is missed',
    '  --quick     one short round: to see that it works, not to be quoted',
    '  --own-node  on the Node that runs this, instead of the line of the image',
  ].join('\n'),
  options: { quick: { type: 'boolean' }, 'own-node': { type: 'boolean' } },
  async run({ quick, 'own-node': ownNode, json }) {
    const plan: Plan = quick
      ? { rounds: 1, seconds: 1, warmUpSeconds: 1 }
      : { rounds: 5, seconds: 3, warmUpSeconds: 2 };
    stayOffTheServersCore();
    const load = loadGenerator(loadCore);
    const node = ownNode ? process.execPath : nodeOfTheImage();
    const endWatch = keepAwake(loadCore);
    const measurements = await measure(plan, load, { node, starts: quick ? 2 : 5 }).finally(endWatch);
    const results = targets(measurements);
    const conditions = [
      `Node ${versionOf(node)}; servers on core ${serverCore}, output discarded; ${load.description}, kept awake`,
      `medians of ${plan.rounds} rounds of ${plan.seconds} s, variants in turn`,
    ];
    const text = json
      ? JSON.stringify({ conditions, measurements, targets: results }, null, 2)
      : report(measurements, results, conditions);
    process.stdout.write(`${text}\n`);
    return results.every(({ met }) => met) ? 0 : 1;
  },
});

interface Conditions {
  /** The Node of every server that runs on Node. */
  readonly node: string;
  /** How often to start ours and the Python server. */
  readonly starts: number;
}

async function measure(plan: Plan, load: LoadGenerator, { node, starts }: Conditions): Promise<Measurements> {
  const pin = (recipe: Recipe) => onCore(serverCore, onNode(node, recipe));
  const [ourRecipe, pythonRecipe] = [pin(ours()), pin(python(pythonWithReference()))];
  const startMs = await startTimes(ourRecipe, pythonRecipe, starts);
  const memoryMiB = await memoryAfterCalls(ourRecipe, requests.invoke, load);

  const running: RunningServer[] = [];
  const start = async (recipe: Recipe) => {
    const server = await startServer(recipe);
    running.push(server);
    return server;
  };
  try {
    const our = await start(ourRecipe);
    const peers = installedPeers();
    const bare = await start(pin(floor(await floorRoutes(our))));
    const servers: Record<Variant, RunningServer> = {
      floor: bare,
      ours: our,
      python: await start(pythonRecipe),
      McpServer: await start(pin(mcpServerPerRequest())),
      express: await start(pin(peers.express)),
      fastmcp: await start(pin(peers.fastmcp)),
    };
    const figures = noFigures();
    for (const operation of operations) {
      const measured = await inTurn(await cellsOf(operation, servers), plan, load);
      for (const [{ variant }, figure] of measured) figures[operation][variant] = figure;
    }
    return { figures, tokens: await tokenCosts(our, plan, load), startMs, memoryMiB };
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

async function tokenCosts(server: RunningServer, plan: Plan, load: LoadGenerator): Promise<Measurements['tokens']> {
  const cells = tokenCells(server);
  const measured = await inTurn(cells, plan, load);
  const [accepted = Number.NaN, ...refused] = cells.map((cell) => measured.get(cell)?.cpuMicros ?? Number.NaN);
  const names = cells.slice(1).map(({ name }) => name);
  return { accepted, refused: Object.fromEntries(names.map((name, index) => [name, refused[index] ?? Number.NaN])) };
}

function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}
