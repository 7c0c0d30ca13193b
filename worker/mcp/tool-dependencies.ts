import type { callLog, LogToolLine } from '../telemetry/call-log';
import type { Metrics } from '../telemetry/metrics';
import type { Tracing } from '../telemetry/tracing';
import type { SecretsPolicy } from './refusal';
import type { RequestStates } from './request-state';

/** The dependencies of an MCP endpoint's tools besides the catalogue. */
export interface ToolDependencies extends SecretsPolicy {
  /** The server's instructions to clients. */
  readonly instructions: string;
  /** The longest text of a tool result, in bytes of UTF-8. */
  readonly maxTextBytes: number;
  /** Generates a user id for a call without a token. Called at most once per such call. */
  anonymousUser(): string;
  /** The server's secrets, for tools that declare them. Only callers with a verified token may use them. */
  secretOf(key: string): string | undefined;
  /** Logs and counts each call when it ends. */
  readonly logCall: ReturnType<typeof callLog>;
  /** Counts running calls. */
  readonly inFlight: Metrics['inFlight'];
  /** Logs the messages that tools write during a call. */
  readonly logToolLine: LogToolLine;
  /** Signs the state that the client keeps when a call ends with questions. */
  readonly states: RequestStates;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
}
