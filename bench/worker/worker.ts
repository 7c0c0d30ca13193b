import { run } from '../../testing/processes/program';
import { pythonWithReference } from '../../testing/processes/python-server';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server';
import type { Bench } from '../measure/bench';
import { type Figure, measure } from '../measure/measure';
import type { Result } from '../measure/report';
import { type Cell, cellsOf, floorRoutes, tokenCells, underLoad } from './cells';
import { keepAwake, loadCore, serverCore, stayOffTheServersCore } from './cores';
import { goalsOf, starts, type Variant } from './goals';
import { operations, requests } from './requests';
import { memoryAfterCalls, startOf } from './sampling';
import { sizeCells, sizeGoals, toolCounts, weighedRoutes, withTools } from './sizes';
import { floor, installedPeers, mcpServerPerRequest, nodeOfTheImage, onCore, onNode, ours, python } from './variants';
import { loadGenerator } from './wrk';

/** Our worker under load. */
export const worker: Bench = {
  usage: 'our worker beside a bare Fastify, the real Python server and the MCP frameworks',
  async run({ quick, ownNode, rounds = quick ? 1 : 5 }) {
    await stayOffTheServersCore();
    const node = ownNode ? process.execPath : await nodeOfTheImage();
    const recipes = await recipesOn(node);
    const endWatch = await keepAwake(loadCore);
    const running: RunningServer[] = [];
    try {
      return await measured(recipes, { node, rounds, seconds: quick ? 1 : 3 }, async (recipe) => {
        const server = await startServer(recipe);
        running.push(server);
        return server;
      });
    } finally {
      endWatch();
      await Promise.all(running.map((server) => server.kill()));
    }
  },
};

/** Every server but the bare routes, which answer what ours answers. */
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
    floor: await start(pin(floor(await floorRoutes(our)))),
    ours: our,
    python: await start(recipes.python),
    McpServer: await start(recipes.McpServer),
    express: await start(recipes.express),
    fastmcp: await start(recipes.fastmcp),
  };
  const underLoads = (cells: readonly Cell[]) =>
    measure(
      cells.map((cell) => underLoad(cell, seconds, load)),
      rounds,
    );
  const loaded: Figure[][] = [];
  for (const operation of operations) loaded.push(await underLoads(await cellsOf(operation, servers)));
  loaded.push(await underLoads(tokenCells(our)));
  for (const cells of sizeCells(await sizedServers(pin, start))) loaded.push(await underLoads(cells));
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
  return { few, many, floor: await start(pin(floor(await weighedRoutes(many)))) };
}

/** Below this share the server waited for something else, so its times do not say how fast it is. */
const leastBusy = 0.9;

/** Says when servers did not get their processor core to themselves. */
export function idleServers(figures: readonly Figure[]): readonly string[] {
  const idle = figures.filter(({ wallMs, cpuMs }) => cpuMs / wallMs < leastBusy).length;
  if (idle === 0) return [];
  return [
    `! in ${idle} of ${figures.length} figures the server had less than ${leastBusy * 100} % of its core: another program or the load`,
    '  took the rest, and wall times compare only roughly; CPU per request still does',
  ];
}
