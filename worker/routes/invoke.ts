import { call, type MaybePromise, type ToolOutcome } from '../catalog/call';
import { CallContext, type Channel } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import type { Tool } from '../catalog/tool';
import { type Envelope, WorkerError } from './envelope';

/**
 * The response to a call, in the exact form of the Python server (arcade-mcp-server 1.26.0).
 * @param finishedAt Unix time in milliseconds; sent in UTC with six digits and no offset
 */
export function answerTo(outcome: ToolOutcome, executionId: string, finishedAt: number, durationMs: number): string {
  const head =
    `{"execution_id":${JSON.stringify(executionId)},"finished_at":"${timestamp(finishedAt)}",` +
    `"duration":${durationMs},"success":${outcome.ok},"output":`;
  const output = outcome.ok
    ? `{"value":${outcome.json ?? JSON.stringify(outcome.value)},"logs":${JSON.stringify(outcome.logs)},"error":null`
    : `{"value":null,"logs":null,"error":${JSON.stringify(outcome.failure)}`;
  return `${head}${output},"requires_authorization":null}}`;
}

function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000`;
}

/** Finds the tool of a call. @throws WorkerError TOOL_UNKNOWN */
export function toolOf(catalog: Catalog, { tool: { name, toolkit, version } }: Envelope): Tool {
  const tool = catalog.find(name, toolkit, version);
  if (tool !== undefined) return tool;
  const requested = `${toolkit}.${name}${version ? `@${version}` : ''}`;
  throw new WorkerError('TOOL_UNKNOWN', `Cannot call "${requested}": this worker has no such tool`);
}

/**
 * Runs a tool with the inputs and the context from the engine.
 * @param startedAt the `performance.now()` at which the call began
 */
export function runCall(
  tool: Tool,
  { inputs, context }: Envelope,
  channel: () => Channel,
  startedAt: number,
): MaybePromise<ToolOutcome> {
  const details = {
    userId: context?.user_id,
    token: context?.authorization?.token,
    secrets: context?.secrets,
    metadata: context?.metadata,
    timeoutSeconds: tool.definition.timeoutSeconds,
    startedAt,
    channel,
  };
  return call(tool, inputs ?? {}, new CallContext(details));
}
