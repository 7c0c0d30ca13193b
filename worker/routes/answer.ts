import type { ToolOutcome } from '../catalog/call';
import { isoTime } from '../telemetry/time';

/**
 * The answer to a call, member by member as the Python server sends it (arcade-mcp-server 1.26.0).
 * @param finishedAt milliseconds since 1970; sent in UTC with six digits and no offset
 */
export function answerTo(outcome: ToolOutcome, executionId: string, finishedAt: number, durationMs: number): string {
  const head =
    `{"execution_id":${JSON.stringify(executionId)},"finished_at":"${timestamp(finishedAt)}",` +
    `"duration":${durationMs},"success":${outcome.ok},"output":`;
  const output = outcome.ok
    ? `{"value":${JSON.stringify(outcome.value)},"logs":${JSON.stringify(outcome.logs)},"error":null`
    : `{"value":null,"logs":null,"error":${JSON.stringify(outcome.failure)}`;
  return `${head}${output},"requires_authorization":null}}`;
}

function timestamp(milliseconds: number): string {
  return `${isoTime(milliseconds).slice(0, -1)}000`;
}
