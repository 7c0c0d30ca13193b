import { NotAnsweredError } from '../catalog/asking';
import { logLevels } from '../catalog/log-line';
import type { Tool } from '../catalog/tool';
import { aboutTool } from '../telemetry/call-log';
import { codes, RpcError } from './protocol';
import { type Answers, answersIn, McpReach } from './reach';
import { ownersTrial } from './refusal';
import type { Binding, StateFault } from './request-state';
import type { McpCall, McpResult } from './service';
import type { ToolSurroundings } from './surroundings';

/**
 * The answers that a call with a request state brings to the questions of an earlier one; none before 2026-07-28.
 * @throws RpcError for a request state that does not count, and for what is no answer
 */
export function answersOf(tool: Tool, surroundings: ToolSurroundings, call: McpCall): Answers | undefined {
  const { requestState, inputResponses } = call.params;
  if (call.era !== 'modern') return undefined;
  const found =
    typeof requestState === 'string'
      ? surroundings.states.opened(requestState, bindingOf(tool, surroundings, call))
      : 'changed';
  if (typeof found !== 'string') return answersIn(found, inputResponses);
  throw new RpcError(codes.invalidParams, `Invalid params: "requestState" ${faults[found]}`);
}

const again = 'call the tool again without it, to be asked anew';

const faults: Readonly<Record<StateFault, string>> = {
  changed: `is not one that this server has given, letter by letter; ${again}`,
  expired: `has expired: the answer came too late; ${again}`,
  caller: `was given to another caller; ${again}`,
  call: `was given for another call: the tool and its arguments have to be the same; ${again}`,
  used: `has been used already: an answer counts once; ${again}`,
};

function bindingOf(tool: Tool, surroundings: ToolSurroundings, call: McpCall): Binding {
  return {
    tool: tool.mcpName,
    args: call.params.arguments ?? {},
    caller: callerOf(call, surroundings),
  };
}

/** What tells callers apart. Those of an open endpoint are all the same: a state is as good as whoever has it. */
function callerOf(call: McpCall, surroundings: ToolSurroundings): readonly unknown[] {
  const { caller } = call.from;
  if (caller !== undefined) return ['token', caller.userId, caller.trace];
  if (ownersTrial(call, surroundings)) return ['owner'];
  return [surroundings.isLocal ? 'local' : 'anybody'];
}

/** How a call of a tool reaches the person and the client that made it. */
export function reachOf(
  tool: Tool,
  answers: Answers | undefined,
  { logToolLine, tracing }: ToolSurroundings,
  call: McpCall,
): McpReach {
  return new McpReach(call, {
    answers,
    log: (line) => logToolLine(aboutTool(tool), line, call.from.requestId),
    logger: tool.definition.logs ? tool.mcpName : undefined,
    trace: tracing?.fetch,
  });
}

/**
 * The result of a call that has ended in questions.
 * @throws RpcError when the answers so far are longer than can be left with the client
 */
export function inputRequired(reach: McpReach, tool: Tool, surroundings: ToolSurroundings, call: McpCall): McpResult {
  const requestState = surroundings.states.sealed(reach.state, bindingOf(tool, surroundings, call));
  if (requestState === undefined) throw new RpcError(codes.invalidParams, 'Invalid params: the answers are too long');
  return { resultType: 'input_required', inputRequests: reach.inputRequests, requestState };
}

/**
 * A client of 2026-07-28 is told by a code of its own that it lacks what a call needs.
 * @throws RpcError for a call that has failed for that
 */
export function refuseUnasked(cause: unknown): void {
  if (!(cause instanceof NotAnsweredError) || cause.reason !== 'unreachable') return;
  const data = { requiredCapabilities: { elicitation: { form: {} } } };
  throw new RpcError(codes.missingCapability, cause.message, data);
}

/** Remembered where the client is known again. Elsewhere it is forgotten, and the client hears nothing. */
export function setLogLevel({ params, from }: McpCall): McpResult {
  const level = logLevels.find((each) => each === params.level);
  if (level === undefined) {
    throw new RpcError(codes.invalidParams, `Invalid params: "level" must be one of ${logLevels.join(', ')}`);
  }
  from.client?.()?.setLogLevel(level);
  return {};
}
