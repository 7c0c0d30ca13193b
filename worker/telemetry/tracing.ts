import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  context,
  DiagLogLevel,
  diag,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  NodeTracerProvider,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { FastifyBaseLogger } from 'fastify';
import type { MaybePromise, ToolOutcome } from '../catalog/call';
import type { TraceFetch } from '../catalog/fetch';
import type { Tool } from '../catalog/tool';
import { isObject, parsed } from '../json';
import { throttledLog } from './throttled-log';

/** Spans under the names of the Python server (arcade-mcp-server 1.26.0). */
export interface Tracing {
  /** The span `Catalog`, without length. */
  catalogAsked(headers: IncomingHttpHeaders): void;
  /** Runs a call inside the spans `CallTool` and `RunTool`, under the trace that the headers name. */
  call(tool: Tool, headers: IncomingHttpHeaders, run: () => MaybePromise<ToolOutcome>): Promise<ToolOutcome>;
  /** Runs a request of a tool inside a span of its own, under that of the call, and hands the trace on to the service. */
  readonly fetch: TraceFetch;
  /** Sends what is left. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts sending spans, configured by the standard variables of OpenTelemetry. Import this file for its types, and load
 * it only when spans are wanted: its packages take as long to load as the rest of the worker.
 * @param environment the label that the spans carry
 * @param log hears of spans that are not delivered: at once, and then at growing intervals of up to an hour
 */
export function startTracing(environment: string, log: Pick<FastifyBaseLogger, 'warn'>): Tracing {
  diagnosticsTo(log);
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
    fetch({ method, url }, send) {
      const attributes = { 'http.request.method': method, 'url.full': url, 'server.address': new URL(url).hostname };
      return tracer.startActiveSpan(method, { kind: SpanKind.CLIENT, attributes }, async (span) => {
        const injected: Record<string, string> = {};
        propagation.inject(context.active(), injected);
        // Any caller may have written it, and it would stand beside the credentials of this server.
        const { baggage: _, ...headers } = injected;
        try {
          const response = await send(headers);
          span.setAttribute('http.response.status_code', response.status);
          if (response.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
          return response;
        } catch (error) {
          // Its text may quote what was sent.
          span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    async stop() {
      // A collector that is gone is no reason to stop in bad order.
      await provider.shutdown().catch((error: unknown) => diag.error(String(error)));
    },
  };
}

/** OpenTelemetry says nothing of what fails unless it is given a logger (api 1.9). */
function diagnosticsTo(log: Pick<FastifyBaseLogger, 'warn'>): void {
  const latest = new Map<string, string>();
  const say = throttledLog(({ key, times }) => log.warn({ reason: latest.get(key), times }, key), hourMs);
  const hear = (message: string) => (text: string) => {
    latest.set(message, reasonIn(text).slice(0, 300));
    say(message);
  };
  const ignore = () => undefined;
  const logger = {
    error: hear('spans are not delivered; see OTEL_EXPORTER_OTLP_ENDPOINT and the collector'),
    warn: hear('OpenTelemetry warns'),
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

const hourMs = 3_600_000;

/** An error comes as JSON of its members, with its stack and the collector's whole answer among them (core 2.12). */
function reasonIn(text: string): string {
  const error = parsed(text);
  if (!isObject(error)) return text;
  return [error.code, error.message].filter((part) => typeof part === 'string').join(' ');
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
