import type { IncomingHttpHeaders } from 'node:http';
import type { Outcome } from '../catalog/call';
import type { Tool } from '../catalog/tool';
import type { Soon } from '../soon';

/** Spans under the names of the Python server (arcade-mcp-server 1.26.0). */
export interface Tracing {
  /** The span `Catalog`, without length. */
  catalogAsked(headers: IncomingHttpHeaders): void;
  /** Runs a call inside the spans `CallTool` and `RunTool`, under the trace that the headers name. */
  call(tool: Tool, headers: IncomingHttpHeaders, run: () => Soon<Outcome>): Promise<Outcome>;
  /** Sends what is left. Never rejects. */
  stop(): Promise<void>;
}
