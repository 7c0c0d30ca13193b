import type { Problem } from '../../model/problem';
import type { CatalogueTool } from './catalogue';
import type { McpTool } from './mcp-client';
import type { Target } from './target';
import type { World } from './world';

/** The steps by name, in the order in which they run and are told. */
export const stepNames = [
  'resolve',
  'cname',
  'public',
  'tls',
  'health',
  'closed',
  'token',
  'old-token',
  'tools',
  'mcp',
  'mcp-2026',
  'invoke',
  'speed',
  'sealed',
  'release',
  'pods',
] as const;

export type StepName = (typeof stepNames)[number];

/** What steps have found out for those after them. */
export interface Facts {
  /** Every address that any resolver gave. */
  readonly addresses?: readonly string[];
  /** Set when the engine's guard would refuse the server. */
  readonly isRefused?: boolean;
  /** `tool_count` of the health answer. */
  readonly toolCount?: number;
  /** The tools as the engine is told of them. */
  readonly catalogue?: readonly CatalogueTool[];
  /** The tools as MCP clients are told of them. */
  readonly mcpTools?: readonly McpTool[];
  /** What the cluster says, in one answer. */
  readonly clusterObjects?: readonly unknown[];
}

/** How a step went. A warning is told and fails nothing. */
export type Finding = { readonly facts?: Facts } & (
  | { readonly state: 'passed'; readonly detail: string }
  | { readonly state: 'warned' | 'failed'; readonly problem: Problem }
  | { readonly state: 'skipped'; readonly reason: string }
);

/** One question to a deployed server. What it needs from the world is handed in. */
export interface Step {
  readonly name: StepName;
  /** What is true when it passes. */
  readonly title: string;
  /** The steps that must not have failed before this one makes sense. */
  readonly needs: readonly StepName[];
  /** Whether the question makes sense for this target at all. @default - it does for every target */
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

export function skipped(reason: string): Finding {
  return { state: 'skipped', reason };
}
