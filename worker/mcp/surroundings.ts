import type { callLog, LogToolLine } from '../telemetry/call-log';
import type { Metrics } from '../telemetry/metrics';
import type { Tracing } from '../telemetry/tracing';
import type { Spending } from './refusal';
import type { RequestStates } from './request-state';

/** What the tools of an MCP endpoint need besides the catalogue. */
export interface ToolSurroundings extends Spending {
  /** What the server is for, for clients. */
  readonly instructions: string;
  /** How much text a tool may answer with, in bytes of UTF-8. */
  readonly maxTextBytes: number;
  /** Makes a user id for a call without a token. Called for each such call. */
  anonymousUser(): string;
  /** The server's own secrets, for tools that declare them. Only callers with a verified token may spend them. */
  secretOf(key: string): string | undefined;
  /** Hears of every call that has ended. */
  readonly logCall: ReturnType<typeof callLog>;
  /** Counts calls as long as they run. */
  readonly inFlight: Metrics['inFlight'];
  /** Hears of what tools say meanwhile. */
  readonly logToolLine: LogToolLine;
  /** Signs what a call leaves with its client when it ends in questions. */
  readonly states: RequestStates;
  /** @default - no spans */
  readonly tracing?: Tracing | undefined;
}
