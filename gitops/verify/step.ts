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

/** What earlier steps found out, for later ones. */
export interface Facts {
  /** Every address that any resolver returned. */
  readonly addresses?: readonly string[];
  /** The addresses by resolver, for each that answered. */
  readonly addressesBy?: readonly { readonly name: string; readonly found: readonly string[] }[];
  /** Set when the engine's guard would refuse the server. */
  readonly isRefused?: boolean;
  /** `tool_count` of the health response. */
  readonly toolCount?: number;
  /** The tools as the engine sees them. */
  readonly catalogue?: readonly CatalogueTool[];
  /** The tools as MCP clients see them. */
  readonly mcpTools?: readonly McpTool[];
  /** The version that the server reports to MCP clients. */
  readonly mcpVersion?: string | undefined;
  /** The server's objects in the cluster, from one call of kubectl. */
  readonly clusterObjects?: readonly KubernetesObject[];
  /** When the Secret was last written, according to the API server. @default - it is sealed, or was not looked up */
  readonly secretWrittenAt?: string | undefined;
}

/** The outcome of a step. A warning does not fail the run; `blocks` also skips the steps that need this one. */
export type Finding = { readonly facts?: Facts } & (
  | { readonly state: 'passed'; readonly detail: string }
  | { readonly state: 'warned' | 'failed'; readonly problem: Problem }
  | { readonly state: 'skipped'; readonly reason: string; readonly blocks: boolean }
);

/** One check of a deployed server. */
export interface Step {
  readonly name: StepName;
  /** What is true when it passes. */
  readonly title: string;
  /** This step is skipped when one of these failed, or was skipped and blocks. @default - none */
  readonly needs?: readonly StepName[];
  /** Whether the check applies to this target. @default - it applies to every target */
  appliesTo?(target: Target): boolean;
  /**
   * Runs the check. A Problem that it throws is a finding, too.
   * @param facts what earlier steps found out
   */
  run(target: Target, facts: Facts, world: World): Promise<Finding> | Finding;
}

export function passed(detail: string, facts: Facts = {}): Finding {
  return { state: 'passed', detail, facts };
}

export function failed(problem: Problem, facts: Facts = {}): Finding {
  return { state: problem.level === 'warning' ? 'warned' : 'failed', problem, facts };
}

/** For a step that cannot run. @param blocks whether the steps that need it are skipped, too */
export function skipped(reason: string, blocks = true): Finding {
  return { state: 'skipped', reason, blocks };
}
