import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { Outcome } from './catalog/call';
import type { Tool } from './catalog/load';

/** Spans under the names of the Python server (arcade-mcp-server 1.26.0). */
export interface Tracing {
  /** A span without length, such as `Catalog`. */
  event(name: string): void;
  /** Runs a call inside `CallTool` and `RunTool`. */
  call(tool: Tool, run: () => Promise<Outcome>): Promise<Outcome>;
  /** Sends what is left. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Makes the spans of one process.
 * @param stop sends what is left and ends the exporter
 */
export function tracingWith(tracer: Tracer, environment: string, stop: () => Promise<void>): Tracing {
  return {
    event: (name) => tracer.startSpan(name, { attributes: { environment } }).end(),
    call(tool, run) {
      const attributes: Attributes = {
        tool_name: tool.wireName,
        toolkit_name: tool.toolkit.name,
        toolkit_version: tool.toolkit.version,
        environment,
      };
      return tracer.startActiveSpan('CallTool', { attributes }, (outer) =>
        tracer.startActiveSpan('RunTool', { attributes }, async (inner) => {
          const outcome = await run();
          finish(inner, outcome);
          finish(outer, outcome);
          return outcome;
        }),
      );
    },
    async stop() {
      await stop().catch(() => {
        // A collector that is gone is no reason to stop in bad order.
      });
    },
  };
}

function finish(span: Span, outcome: Outcome): void {
  if (!outcome.ok) {
    // 2 is SpanStatusCode.ERROR; the package is not loaded while nobody asks for spans.
    span.setStatus({ code: 2 });
    span.setAttributes({
      tool_error_kind: outcome.failure.kind,
      tool_error_message: outcome.failure.message,
      tool_error_developer_message: outcome.failure.developer_message ?? '',
    });
  }
  span.end();
}
