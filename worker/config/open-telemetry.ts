type Environment = Readonly<Record<string, string | undefined>>;

/** By the standard: when an exporter or an endpoint is named, unless the SDK is disabled (OpenTelemetry 1.x). */
export function tracesWanted(environment: Environment): boolean {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return false;
  if (environment.OTEL_TRACES_EXPORTER === 'none') return false;
  return ['OTEL_TRACES_EXPORTER', ...endpoints].some((name) => Boolean(environment[name]));
}

/**
 * What the standard variables ask for and this worker does not do: without a word, spans would go nowhere or elsewhere.
 * One sentence each; a value is repeated only where it cannot be a secret.
 */
export function tracingWarnings(environment: Environment): readonly string[] {
  if (!tracesWanted(environment)) return [];
  const { OTEL_TRACES_EXPORTER: exporter = '', OTEL_PROPAGATORS: propagators = '' } = environment;
  const warnings: string[] = [];
  if (!['', 'otlp', 'console'].includes(exporter)) {
    warnings.push('OTEL_TRACES_EXPORTER wants one of otlp, console and none; spans go out as with otlp');
  }
  for (const name of protocols) {
    // JSON is taken wherever protobuf is, at the same address (OTLP 1.x); gRPC has a port of its own.
    if (['', 'http/protobuf', 'http/json'].includes(environment[name] ?? '')) continue;
    warnings.push(
      `${name} wants http/json, or http/protobuf; spans go out over HTTP, to port 4318 and not gRPC's 4317`,
    );
  }
  for (const name of endpoints) {
    const address = environment[name];
    if (!address || /^https?:\/\/[^/]/i.test(address)) continue;
    warnings.push(`${name} wants a URL that begins with http:// or https://; no spans will arrive there`);
  }
  if (propagators !== '' && !propagators.split(',').some((name) => name.trim() === 'tracecontext')) {
    warnings.push(
      'OTEL_PROPAGATORS wants tracecontext and baggage; the trace of a caller is read from traceparent alone',
    );
  }
  return warnings;
}

const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
const protocols = ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'];
