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
  /** What its sources say of its tools. @default - its image is built elsewhere */
  readonly sources?: ToolSources | undefined;
  /** Where it answers. @default - at its declared address */
  readonly url?: string | undefined;
}

/** What is asked of each: enough to tell what runs, and nothing that requires a secret. */
const questions: readonly StepName[] = ['resolve', 'tls', 'health', 'mcp'];

/**
 * Asks servers side by side, as `verify` does, without a secret: one that is down or slow holds up no other. Each request
 * has the time limit of the world.
 * @param onAnswer called when a server is finished, with how many are
 * @returns what each runs
 */
export async function askAll(
  asked: readonly Asked[],
  world: World,
  onAnswer: (finished: number) => void = () => {},
): Promise<ReadonlyMap<Server, Running>> {
  // A name inside the cluster leads nowhere from here.
  const outside = asked.filter(({ server, url }) => server.isPublic || url !== undefined);
  const targets = outside.map(({ server, ...options }) =>
    targetOf(server, { ...options, secret: undefined, allowlist: allowlistFrom([]) }),
  );
  let finished = 0;
  // Where connections are routed, what the name leads to is not the question.
  const isAsked = (name: StepName) => questions.includes(name) && !(name === 'resolve' && world.routedTo !== undefined);
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

/** What a report says of what runs. */
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
