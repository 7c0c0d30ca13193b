import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { reasonOf } from '../../gitops/http/http-client';
import { contract } from '../../worker/contract';
import { needsOfListed } from '../../worker/dev/engine-call';
import { type Given, missingVariables } from '../../worker/dev/given';
import type { Outbound } from './outbound';
import type { LoadedTool } from './tool-list';
import type { WorkerRecord } from './worker-record';

/** The body of `POST /v1/tools/execute` (arcadejs 2.4.1). */
export const Execution = z.object({
  tool_name: z.string(),
  tool_version: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  user_id: z.string().optional(),
});

const WorkerAnswer = z.looseObject({
  success: z.boolean(),
  duration: z.number().optional(),
  output: z.looseObject({ value: z.unknown().optional(), error: z.looseObject({}).nullish() }),
});

/** Whether a name refers to a tool: `Toolkit.Tool`, or `Toolkit_Tool` as gateways write it, ignoring case. */
export function matchesName({ fully_qualified_name: name }: LoadedTool, asked: string): boolean {
  return name.toLowerCase().replaceAll('.', '_') === asked.toLowerCase().replaceAll('.', '_');
}

/**
 * Calls a tool as an engine does, with the secrets and the token that it requires.
 * @param given the secrets and tokens of the engine
 * @returns the response of `POST /v1/tools/execute`, also for failed calls
 */
export async function execute(
  { worker, tool }: { readonly worker: WorkerRecord; readonly tool: LoadedTool },
  { input, user_id }: z.output<typeof Execution>,
  given: Given,
  outbound: Outbound,
) {
  const execution = { id: randomUUID(), execution_id: randomUUID(), execution_type: 'immediate' };
  const failed = (kind: string, message: string) => ({
    ...execution,
    success: false,
    status: 'failed',
    output: { error: { kind, message, can_retry: false } },
  });
  const needs = needsOfListed(tool);
  const missing = missingVariables(needs, given).map((variable) => `${variable}=…`);
  if (missing.length > 0) {
    const reason = `the tool requires what this fake engine does not have; start it with ${missing.join(' ')}`;
    return failed('TOOL_REQUIREMENTS_NOT_MET', reason);
  }
  const { secrets, authorization } = needs;
  const call = {
    tool: { name: tool.name, toolkit: tool.toolkit.name, version: tool.toolkit.version ?? null },
    inputs: input ?? {},
    context: {
      user_id: user_id ?? null,
      secrets: secrets.map((key) => ({ key, value: given.secretOf(key) ?? '' })),
      ...(authorization === undefined ? {} : { authorization: { token: given.tokenOf(authorization) ?? '' } }),
    },
    execution_id: execution.execution_id,
  };
  try {
    const response = await outbound.call(worker, contract.paths.invoke, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    });
    const { success, data } = WorkerAnswer.safeParse(response.status === 200 ? JSON.parse(response.body) : undefined);
    if (!success) return failed('NETWORK_TRANSPORT_RUNTIME_UNMAPPED', `the worker answered ${response.status}`);
    const { value, error } = data.output;
    return {
      ...execution,
      success: data.success,
      status: data.success ? 'success' : 'failed',
      duration: data.duration,
      finished_at: new Date().toISOString(),
      output: { value, ...(error ? { error } : {}) },
    };
  } catch (error) {
    return failed('NETWORK_TRANSPORT_RUNTIME_UNREACHABLE', reasonOf(error));
  }
}
