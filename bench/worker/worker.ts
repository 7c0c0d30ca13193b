import { run } from '../../testing/processes/program';
import { pythonWithReference } from '../../testing/processes/python-server';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server';
import type { Bench } from '../measure/bench';
import { type Figure, measure } from '../measure/measure';
import type { Result } from '../measure/report';
import { keepAwake, loadCore, pinToLoadCore, serverCore } from './cores';
import { goalsOf, starts, type Variant } from './goals';
import { operations, requests } from './requests';
import { memoryAfterCalls, startOf } from './sampling';
import { baselineRoutes, type Scenario, scenariosOf, tokenScenarios, underLoad } from './scenarios';
import { largeResponseRoutes, sizeGoals, sizeScenarios, toolCounts, withTools } from './sizes';
import {
  baseline,
  installedPeers,
  mcpServerPerRequest,
  nodeOfTheImage,
  onCore,
  onNode,
  ours,
  python,
} from './variants';
import { loadGenerator } from './wrk';

/** Measures our worker under load. */
export const worker: Bench = {
  usage: 'our worker beside a bare Fastify, the real Python server and the MCP frameworks',
  async run({ quick, ownNode, rounds = quick ? 1 : 5 }) {
    await pinToLoadCore();
    const node = ownNode ? process.execPath : await nodeOfTheImage();
    const recipes = await recipesOn(node);
    const stopSpinning = await keepAwake(loadCore);
    const running: RunningServer[] = [];
    try {
      return await measured(recipes, { node, rounds, seconds: quick ? 1 : 3 }, async (recipe) => {
        const server = await startServer(recipe);
        running.push(server);
        return server;
      });
    } finally {
      stopSpinning();
      await Promise.all(running.map((server) => server.kill()));
    }
  },
};

/** Every server except the bare routes, which need the responses of our worker first. */
async function recipesOn(node: string) {
  const pin = (recipe: Recipe) => onCore(serverCore, onNode(node, recipe));
  const { express, fastmcp } = await installedPeers();
  return {
    pin,
    ours: pin(await ours()),
    python: pin(python(await pythonWithReference())),
    McpServer: pin(mcpServerPerRequest()),
    express: pin(express),
    fastmcp: pin(fastmcp),
  };
}

async function measured(
  { pin, ...recipes }: Awaited<ReturnType<typeof recipesOn>>,
  { node, rounds, seconds }: { readonly node: string; readonly rounds: number; readonly seconds: number },
  start: (recipe: Recipe) => Promise<RunningServer>,
): Promise<Result> {
  const load = await loadGenerator(loadCore);
  const startFigures = await measure(
    [startOf(starts.ours, recipes.ours), startOf(starts.python, recipes.python)],
    rounds,
  );
  const { after1000, after100000 } = await memoryAfterCalls(recipes.ours, requests.invoke, load);
  const our = await start(recipes.ours);
  const servers: Record<Variant, RunningServer> = {
    baseline: await start(pin(baseline(await baselineRoutes(our)))),
    ours: our,
    python: await start(recipes.python),
    McpServer: await start(recipes.McpServer),
    express: await start(recipes.express),
    fastmcp: await start(recipes.fastmcp),
  };
  const underLoads = (scenarios: readonly Scenario[]) =>
    measure(
      scenarios.map((scenario) => underLoad(scenario, seconds, load)),
      rounds,
    );
  const loaded: Figure[][] = [];
  for (const operation of operations) loaded.push(await underLoads(await scenariosOf(operation, servers)));
  loaded.push(await underLoads(tokenScenarios(our)));
  for (const scenarios of sizeScenarios(await sizedServers(pin, start))) loaded.push(await underLoads(scenarios));
  const groups = [...loaded, startFigures];
  const version = (await run(node, ['--version'])).trim();
  return {
    groups,
    goals: [...goalsOf(groups.flat(), after100000 - after1000), ...sizeGoals(groups.flat())],
    notes: [
      `Node ${version}; servers on core ${serverCore}, output discarded; ${load.description}, kept awake`,
      `medians of ${rounds} rounds of ${seconds} s, variants in turn; a request is the unit`,
      `resident after 1 000 calls ${after1000.toFixed(1)} MiB, after 100 000 calls ${after100000.toFixed(1)} MiB`,
      ...idleServers(loaded.flat()),
    ],
  };
}

async function sizedServers(pin: (recipe: Recipe) => Recipe, start: (recipe: Recipe) => Promise<RunningServer>) {
  const many = await start(pin(withTools(toolCounts.many)));
  const few = await start(pin(withTools(toolCounts.few)));
  return { few, many, baseline: await start(pin(baseline(await largeResponseRoutes(many)))) };
}

/** The minimum CPU share of a server for meaningful wall times. */
const minCpuShare = 0.9;

/** Warns when servers did not have their processor core to themselves. */
export function idleServers(figures: readonly Figure[]): readonly string[] {
  const idle = figures.filter(({ wallMs, cpuMs }) => cpuMs / wallMs < minCpuShare).length;
  if (idle === 0) return [];
  return [
    `! in ${idle} of ${figures.length} figures the server had less than ${minCpuShare * 100} % of its core: another program or the load`,
    '  took the rest, so wall times are only roughly comparable; CPU per request is not affected',
  ];
}
