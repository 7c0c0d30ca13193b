import type { Server } from '../../model/spec';
import { allowlistFrom } from '../engine/allowlist';
import type { ToolSources } from '../tools/published';
import type { World } from '../verify/node-world';
import { type StepName, stepNames } from '../verify/step';
import { targetOf } from '../verify/target';
import { type Report, verifyAll } from '../verify/verify';
import type { Running } from './row';

/** A server to ask. */
export interface Asked {
  readonly server: Server;
  /** Its tools as the sources declare them. @default - its image is built elsewhere */
  readonly sources?: ToolSources | undefined;
  /** Its address. @default - the declared address */
  readonly url?: string | undefined;
}

/** The steps of `verify` that show what runs without a secret. */
const steps: readonly StepName[] = ['resolve', 'tls', 'health', 'mcp'];

/**
 * Asks servers concurrently, as `verify` does, but without a secret. A slow server does not delay the others; each request
 * has the timeout of the world.
 * @param onAnswer called whenever a server is finished, with the count so far
 * @returns what each runs
 */
export async function askAll(
  asked: readonly Asked[],
  world: World,
  onAnswer: (finished: number) => void = () => {},
): Promise<ReadonlyMap<Server, Running>> {
  // A cluster-internal name does not resolve here.
  const outside = asked.filter(({ server, url }) => server.isPublic || url !== undefined);
  const targets = outside.map(({ server, ...options }) =>
    targetOf(server, { ...options, secret: undefined, allowlist: allowlistFrom([]) }),
  );
  let finished = 0;
  // With --connect-to the name need not resolve.
  const isAsked = (name: StepName) => steps.includes(name) && !(name === 'resolve' && world.routedTo !== undefined);
  const skip = stepNames.filter((name) => !isAsked(name));
  const onReport = () => {
    finished += 1;
    onAnswer(finished);
  };
  const reports = await verifyAll(targets, world, { skip, onReport });
  const inside = asked.map(({ server }): [Server, Running] => [server, { state: 'inside' }]);
  const answers = reports.map((report, index) => [outside[index]?.server, runningOf(report)] as const);
  return new Map([...inside, ...answers.flatMap(([server, running]) => (server ? [[server, running] as const] : []))]);
}

/** What runs, according to a report. */
function runningOf({ target, results, facts: { mcpVersion: version } }: Report): Running {
  const failure = results.find(({ finding }) => finding.state === 'failed');
  const mcp = results.find(({ step }) => step.name === 'mcp');
  // An image that is built elsewhere need not speak MCP.
  const isForeign = failure === mcp && target.sources === undefined;
  if (failure?.finding.state === 'failed' && !isForeign) {
    const { problem } = failure.finding;
    return { state: problem.code === 'TOOLS-DIFFER' ? 'differs' : 'down', version, problem };
  }
  return { state: mcp?.finding.state === 'passed' ? 'same' : 'up', version };
}
