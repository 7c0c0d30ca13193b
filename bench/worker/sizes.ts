import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedName } from '../../testing/exchanges/recorded';
import { environments } from '../../testing/exchanges/vector';
import { worker } from '../../testing/processes/our-worker';
import type { Recipe, RunningServer } from '../../testing/processes/server';
import { contract } from '../../worker/contract';
import { type Figure, figureNamed } from '../measure/measure';
import type { Goal } from '../measure/report';
import { type ProvenRequest, requests } from './requests';
import { answerTo, type BaselineRoute, baselinePath, type Scenario } from './scenarios';

/** The number of tools of two otherwise identical servers. */
export const toolCounts = { few: 3, many: 200 } as const;

const mcp = requests['mcp 2025-11-25'];
const rpc = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const textOf = (bytes: number): ProvenRequest => ({
  ...mcp,
  // More responses of this size per turn make the event loop lag on a busy machine, and the worker then rejects calls.
  connections: 4,
  body: rpc('tools/call', { name: `${recordedName}_Answer`, arguments: { bytes } }),
  proof: '"isError":false',
});

/** The URI of a resource as long as the small result. */
export const longResource = 'docs://long';

/** The limit of a result is 1 MiB as JSON, including the quotes. */
const large = 1024 * 1024 - 2;
export const small = 64 * 1024;

/** Responses whose cost depends on their size. Each is compared with a bare route that sends the same bytes. */
const largeResponses = {
  'MCP list of 200': { ...mcp, body: rpc('tools/list', {}), proof: `"${recordedName}_SearchRecords197"` },
  'tools of 200': { ...requests.tools, proof: `"${recordedName}.SearchRecords197"` },
  'MCP resource of 64 KiB': {
    ...mcp,
    body: rpc('resources/read', { uri: longResource }),
    proof: '"mimeType":"text/plain"',
  },
  'resource of 64 KiB': {
    ...requests['invoke again'],
    path: contract.paths.resourcesRead,
    body: JSON.stringify({ uri: longResource }),
    proof: '"mimeType":"text/plain"',
  },
  'result of 64 KiB': textOf(small),
  'result of 1 MiB': textOf(large),
} as const satisfies Record<string, ProvenRequest>;

/** Calls by name, whose cost must not depend on the number of tools. */
const callsByName = { 'MCP call': mcp, invoke: requests.invoke } as const satisfies Record<string, ProvenRequest>;

/** Our worker with this number of tools. */
export function withTools(count: number): Recipe {
  const { command, ...recipe } = worker({ file: join(root, 'cli/run.mjs'), environment: environments.base });
  return {
    ...recipe,
    name: `our worker with ${count} tools`,
    command: [...command, 'bench/worker/many-tools.main.ts', String(count)],
    environment: (port) => ({ ...recipe.environment(port), WORKER_TRUSTED_HOPS: '1', NODE_ENV: 'production' }),
    stdout: 'ignore',
  };
}

/** Bare routes that send the same bytes as our worker. */
export async function largeResponseRoutes(many: RunningServer): Promise<readonly BaselineRoute[]> {
  const routes: BaselineRoute[] = [];
  for (const [name, request] of Object.entries(largeResponses)) {
    routes.push({ method: request.method, path: baselinePath(name), body: await answerTo(many, name, request) });
  }
  return routes;
}

/** The measurements, in groups for comparison. */
export function sizeScenarios(
  servers: Readonly<Record<'few' | 'many' | 'baseline', RunningServer>>,
): readonly Scenario[][] {
  const { few, many, baseline } = servers;
  return [
    ...Object.entries(largeResponses).map(([name, request]) => [
      { name: `${name}, baseline`, server: baseline, request: { ...request, path: baselinePath(name) } },
      { name: `${name}, ours`, server: many, request },
    ]),
    ...Object.entries(callsByName).map(([name, request]) => [
      { name: `${name} among ${toolCounts.few}`, server: few, request },
      { name: `${name} among ${toolCounts.many}`, server: many, request },
    ]),
  ];
}

/** The goals: cost grows with the size of a response, not with the number of tools. */
export function sizeGoals(figures: readonly Figure[]): readonly Goal[] {
  const cost = (name: string, to: string) => figureNamed(figures, name).cpuMs / figureNamed(figures, to).cpuMs;
  const goal = (name: string, value: number, limit: number): Goal => ({ name, value, limit: { atMost: limit } });
  const ofRoute = (name: keyof typeof largeResponses, limit: number) =>
    goal(`${name}: CPU per request, relative to the bare route`, cost(`${name}, ours`, `${name}, baseline`), limit);
  return [
    ofRoute('MCP list of 200', 1.5),
    ofRoute('tools of 200', 1.5),
    ofRoute('MCP resource of 64 KiB', 1.5),
    ofRoute('resource of 64 KiB', 1.5),
    ofRoute('result of 1 MiB', 10),
    goal(
      'result of 1 MiB: CPU per byte, relative to a result of 64 KiB',
      (cost('result of 1 MiB, ours', 'result of 64 KiB, ours') * small) / large,
      1.25,
    ),
    ...Object.keys(callsByName).map((name) =>
      goal(
        `${name} among 200 tools: CPU per request, relative to one among 3`,
        cost(`${name} among ${toolCounts.many}`, `${name} among ${toolCounts.few}`),
        1.1,
      ),
    ),
  ];
}
