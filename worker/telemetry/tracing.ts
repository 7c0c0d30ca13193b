import type { IncomingHttpHeaders } from 'node:http';
import { type Attributes, context, propagation, ROOT_CONTEXT, type Span, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  NodeTracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { MaybePromise, ToolOutcome } from '../catalog/call';
import type { Tool } from '../catalog/tool';

/** Spans under the names of the Python server (arcade-mcp-server 1.26.0). */
export interface Tracing {
  /** The span `Catalog`, without length. */
  catalogAsked(headers: IncomingHttpHeaders): void;
  /** Runs a call inside the spans `CallTool` and `RunTool`, under the trace that the headers name. */
  call(tool: Tool, headers: IncomingHttpHeaders, run: () => MaybePromise<ToolOutcome>): Promise<ToolOutcome>;
  /** Sends what is left. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts sending spans, configured by the standard variables of OpenTelemetry. Import this file for its types, and load
 * it only when spans are wanted: its packages take as long to load as the rest of the worker.
 * @param environment the label that the spans carry
 */
export function startTracing(environment: string): Tracing {
  const wantsConsole = process.env.OTEL_TRACES_EXPORTER === 'console';
  // The exporter reads OTEL_EXPORTER_OTLP_… by itself.
  return tracingTo(
    new BatchSpanProcessor(wantsConsole ? new ConsoleSpanExporter() : new OTLPTraceExporter()),
    environment,
  );
}

/** Sends spans to one processor. Tests hand in one that keeps them. */
export function tracingTo(processor: SpanProcessor, environment: string): Tracing {
  const resource = detectResources({ detectors: [envDetector] });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  const tracer = provider.getTracer('worker');
  return {
    catalogAsked(headers) {
      tracer.startSpan('Catalog', { attributes: { environment } }, propagation.extract(ROOT_CONTEXT, headers)).end();
    },
    call(tool, headers, run) {
      const attributes = attributesOf(tool, environment);
      return context.with(propagation.extract(ROOT_CONTEXT, headers), () =>
        tracer.startActiveSpan('CallTool', { attributes }, (outer) =>
          tracer.startActiveSpan('RunTool', { attributes }, async (inner) => {
            const outcome = await run();
            finish(inner, outcome);
            finish(outer, outcome);
            return outcome;
          }),
        ),
      );
    },
    async stop() {
      await provider.shutdown().catch(() => {
        // A collector that is gone is no reason to stop in bad order.
      });
    },
  };
}

function attributesOf({ wireName, toolkit }: Tool, environment: string): Attributes {
  return { tool_name: wireName, toolkit_name: toolkit.name, toolkit_version: toolkit.version, environment };
}

function finish(span: Span, outcome: ToolOutcome): void {
  if (!outcome.ok) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttributes({
      tool_error_kind: outcome.failure.kind,
      tool_error_message: outcome.failure.message,
      tool_error_developer_message: outcome.failure.developer_message ?? '',
    });
  }
  span.end();
}
