import { engineCannotAsk } from '../catalog/asking';
import type { Failure, LogEntry, ToolOutcome } from '../catalog/call';
import type { CallDetails } from '../catalog/context';
import type { Catalog } from '../catalog/load';
import type { LogLine } from '../catalog/log-line';
import { readEnvelope } from '../routes/envelope';
import { answerTo, runCall, toolOf } from '../routes/invoke';
import { msSince } from '../telemetry/call-log';

/** The input and context of a test call, for every kind of caller. */
export interface Given extends Pick<CallDetails, 'token' | 'secrets' | 'metadata'> {
  readonly userId: string | undefined;
  readonly input: unknown;
  /** The tool's name in the source. */
  readonly name: string;
}

/** The response body of `/worker/tools/invoke`. */
export interface EngineAnswer {
  readonly execution_id: string;
  readonly finished_at: string;
  /** In milliseconds. */
  readonly duration: number;
  readonly success: boolean;
  readonly output: {
    readonly value: unknown;
    readonly logs: readonly LogEntry[] | null;
    readonly error: Failure | null;
    readonly requires_authorization: null;
  };
}

/**
 * Calls a tool as an engine does.
 * @returns the engine's answer, the outcome, and what the tool logged
 * @throws WorkerError for an input that is not an object
 */
export async function seenByEngine(
  catalog: Catalog,
  { userId, token, secrets, metadata, input, name }: Given,
): Promise<{ readonly engine: EngineAnswer; readonly outcome: ToolOutcome; readonly log: readonly LogLine[] }> {
  const body = {
    tool: { name, toolkit: catalog.toolkit.name },
    inputs: input,
    context: { user_id: userId, secrets, metadata, ...(token === undefined ? {} : { authorization: { token } }) },
    execution_id: 'test',
  };
  const startedAt = performance.now();
  const envelope = readEnvelope(Buffer.from(JSON.stringify(body)));
  const log: LogLine[] = [];
  const channel = () => ({ ask: engineCannotAsk, log: (said: LogLine) => void log.push(said) });
  const outcome = await runCall(toolOf(catalog, envelope), envelope, channel, startedAt);
  return { engine: JSON.parse(answerTo(outcome, 'test', Date.now(), msSince(startedAt))), outcome, log };
}
