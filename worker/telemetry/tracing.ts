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

/** Spans with the names of the Python server (arcade-mcp-server 1.26.0). */
export interface Tracing {
  /** Records the span `Catalog`, with zero duration. */
  catalogRequested(headers: IncomingHttpHeaders): void;
  /** Runs a call inside the spans `CallTool` and `RunTool`, in the trace of the headers. */
  call(tool: Tool, headers: IncomingHttpHeaders, run: () => MaybePromise<ToolOutcome>): Promise<ToolOutcome>;
  /** Runs a tool's request inside a child span of its call, and propagates the trace to the service. */
  readonly fetch: TraceFetch;
  /** Flushes pending spans. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts exporting spans, configured by the standard OpenTelemetry variables. Load this file lazily, only if tracing is on:
 * its packages take as long to load as the rest of the worker.
 * @param environment the spans' environment attribute
 * @param log gets a warning when spans are not delivered, repeated with backoff of up to an hour
 */
export function startTracing(environment: string, log: Pick<FastifyBaseLogger, 'warn'>): Tracing {
  diagnosticsTo(log);
  const wantsConsole = process.env.OTEL_TRACES_EXPORTER === 'console';
  // The exporter reads the OTEL_EXPORTER_OTLP_… variables.
  return tracingTo(
    new BatchSpanProcessor(wantsConsole ? new ConsoleSpanExporter() : new OTLPTraceExporter()),
    environment,
  );
}

/** Sends spans to one processor. Tests pass one that records them. */
export function tracingTo(processor: SpanProcessor, environment: string): Tracing {
  const resource = detectResources({ detectors: [envDetector] });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  const tracer = provider.getTracer('worker');
  return {
    catalogRequested(headers) {
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
        // Baggage is untrusted: any caller may have set it, and the request carries this server's credentials.
        const { baggage: _, ...headers } = injected;
        try {
          const response = await send(headers);
          span.setAttribute('http.response.status_code', response.status);
          if (response.status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
          return response;
        } catch (error) {
          // Not its message, which may quote the request.
          span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    async stop() {
      // An unreachable collector must not disturb the shutdown.
      await provider.shutdown().catch((error: unknown) => diag.error(String(error)));
    },
  };
}

/** Without a logger, OpenTelemetry fails silently (api 1.9). */
function diagnosticsTo(log: Pick<FastifyBaseLogger, 'warn'>): void {
  const latest = new Map<string, string>();
  const record = throttledLog(({ key, times }) => log.warn({ reason: latest.get(key), times }, key), hourMs);
  const warning = (message: string) => (text: string) => {
    latest.set(message, reasonIn(text).slice(0, 300));
    record(message);
  };
  const ignore = () => undefined;
  const logger = {
    error: warning('spans are not delivered; check OTEL_EXPORTER_OTLP_ENDPOINT and the collector'),
    warn: warning('OpenTelemetry warning'),
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

const hourMs = 3_600_000;

/** The code and message of an error, which comes as JSON with its stack and the collector's response (core 2.12). */
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
