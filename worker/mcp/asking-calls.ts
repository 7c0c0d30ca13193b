import { NotAnsweredError } from '../catalog/asking';
import { logLevels } from '../catalog/log-line';
import type { Tool } from '../catalog/tool';
import { aboutTool } from '../telemetry/call-log';
import { type Answers, answersIn, McpChannel } from './channel';
import { codes, RpcError } from './protocol';
import { ownersTrial } from './refusal';
import type { Binding, StateFault } from './request-state';
import type { McpCall, McpResult } from './service';
import type { ToolDependencies } from './tool-dependencies';

/**
 * The answers in a call with a request state to the questions of an earlier call. Undefined before 2026-07-28.
 * @throws RpcError for an invalid request state or a malformed answer
 */
export function answersOf(tool: Tool, dependencies: ToolDependencies, call: McpCall): Answers | undefined {
  const { requestState, inputResponses } = call.params;
  if (call.era !== 'modern') return undefined;
  const found =
    typeof requestState === 'string'
      ? dependencies.states.redeem(requestState, bindingOf(tool, dependencies, call))
      : 'changed';
  if (typeof found !== 'string') return answersIn(found, inputResponses);
  throw new RpcError(codes.invalidParams, `Invalid params: "requestState" ${faults[found]}`);
}

const again = 'call the tool without it to start over';

const faults: Readonly<Record<StateFault, string>> = {
  changed: `was not issued by this server or was modified; ${again}`,
  expired: `has expired: the answer came too late; ${again}`,
  caller: `was issued to another caller; ${again}`,
  call: `was issued for another call: the tool and its arguments must be the same; ${again}`,
  used: `was already used: each state is valid once; ${again}`,
};

function bindingOf(tool: Tool, dependencies: ToolDependencies, call: McpCall): Binding {
  return {
    tool: tool.mcpName,
    args: call.params.arguments ?? {},
    caller: callerOf(call, dependencies),
  };
}

/** Identifies a caller. Callers of an open endpoint are indistinguishable, so there a state is a bearer token. */
function callerOf(call: McpCall, dependencies: ToolDependencies): readonly unknown[] {
  const { caller } = call.from;
  if (caller !== undefined) return ['token', caller.userId, caller.trace];
  if (ownersTrial(call, dependencies)) return ['owner'];
  return [dependencies.isLocal ? 'local' : 'anybody'];
}

/** The channel from a tool call to its client and to the person who uses that client. */
export function channelOf(
  tool: Tool,
  answers: Answers | undefined,
  { logToolLine, tracing }: ToolDependencies,
  call: McpCall,
): McpChannel {
  return new McpChannel(call, {
    answers,
    log: (line) => logToolLine(aboutTool(tool), line, call.from.requestId),
    logger: tool.definition.logs ? tool.mcpName : undefined,
    trace: tracing?.fetch,
  });
}

/**
 * The result of a call that ended with questions for the person.
 * @throws RpcError when the answers so far do not fit into a request state
 */
export function inputRequired(
  channel: McpChannel,
  tool: Tool,
  dependencies: ToolDependencies,
  call: McpCall,
): McpResult {
  const requestState = dependencies.states.issue(channel.state, bindingOf(tool, dependencies, call));
  if (requestState === undefined) throw new RpcError(codes.invalidParams, 'Invalid params: the answers are too long');
  return { resultType: 'input_required', inputRequests: channel.inputRequests, requestState };
}

/**
 * 2026-07-28 has a dedicated error code for a client that lacks a required capability.
 * @throws RpcError when a call failed because its client cannot show forms
 */
export function refuseUnasked(cause: unknown): void {
  if (!(cause instanceof NotAnsweredError) || cause.reason !== 'unreachable') return;
  const data = { requiredCapabilities: { elicitation: { form: {} } } };
  throw new RpcError(codes.missingCapability, cause.message, data);
}

/** Stores the log level of a client that is recognised in later requests. For other clients it is a no-op. */
export function setLogLevel({ params, from }: McpCall): McpResult {
  const level = logLevels.find((each) => each === params.level);
  if (level === undefined) {
    throw new RpcError(codes.invalidParams, `Invalid params: "level" must be one of ${logLevels.join(', ')}`);
  }
  from.client?.()?.setLogLevel(level);
  return {};
}
