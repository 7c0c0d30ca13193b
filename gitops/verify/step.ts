import type { Problem } from '../../model/problem';
import type { CatalogueTool } from './catalogue';
import type { KubernetesObject } from './cluster-object';
import type { McpTool } from './mcp-client';
import type { World } from './node-world';
import type { Target } from './target';

/** The steps by name, in the order in which they run and are reported. */
export const stepNames = [
  ...(['resolve', 'cname', 'public', 'tls', 'health', 'closed', 'token', 'old-token', 'tools'] as const),
  ...(['mcp', 'mcp-2026', 'invoke', 'speed', 'sealed', 'external', 'secret-keys'] as const),
  ...(['release', 'pods', 'pods-secret', 'route', 'gateway', 'monitoring'] as const),
] as const;

export type StepName = (typeof stepNames)[number];

/** What steps have found out for those after them. */
export interface Facts {
  /** Every address that any resolver returned. */
  readonly addresses?: readonly string[];
  /** The same by resolver, of those that answered. */
  readonly addressesBy?: readonly { readonly name: string; readonly found: readonly string[] }[];
  /** Set when the engine's guard would refuse the server. */
  readonly isRefused?: boolean;
  /** `tool_count` of the health response. */
  readonly toolCount?: number;
  /** The tools as the engine sees them. */
  readonly catalogue?: readonly CatalogueTool[];
  /** The tools as MCP clients see them. */
  readonly mcpTools?: readonly McpTool[];
  /** The version that the server tells MCP clients. */
  readonly mcpVersion?: string | undefined;
  /** The objects in the cluster, out of one call. */
  readonly clusterObjects?: readonly KubernetesObject[];
  /** When the Secret was last written, as the API server notes it. @default - it is sealed, or was not asked for */
  readonly secretWrittenAt?: string | undefined;
}

/** How a step went. A warning fails nothing; a skipped step that blocks stops the steps that need it. */
export type Finding = { readonly facts?: Facts } & (
  | { readonly state: 'passed'; readonly detail: string }
  | { readonly state: 'warned' | 'failed'; readonly problem: Problem }
  | { readonly state: 'skipped'; readonly reason: string; readonly blocks: boolean }
);

/** One question to a deployed server. What it needs from the world is passed in. */
export interface Step {
  readonly name: StepName;
  /** What is true when it passes. */
  readonly title: string;
  /** This step is skipped when one of these has failed or could not ask. @default - none */
  readonly needs?: readonly StepName[];
  /** Whether the question makes sense for this target. @default - it does for every target */
  appliesTo?(target: Target): boolean;
  /**
   * Asks. Problems it throws are findings too.
   * @param facts what the steps before have found out
   */
  run(target: Target, facts: Facts, world: World): Promise<Finding> | Finding;
}

export function passed(detail: string, facts: Facts = {}): Finding {
  return { state: 'passed', detail, facts };
}

export function failed(problem: Problem, facts: Facts = {}): Finding {
  return { state: problem.level === 'warning' ? 'warned' : 'failed', problem, facts };
}

/** For a step that cannot ask. @param blocks whether the steps that need it are skipped too */
export function skipped(reason: string, blocks = true): Finding {
  return { state: 'skipped', reason, blocks };
}
