import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { call } from '../catalog/call';
import { CallContext } from '../catalog/context';
import { loadCatalog } from '../catalog/load';
import { tracingTo } from './tracing';

const exporter = new InMemorySpanExporter();
const tracing = tracingTo(new SimpleSpanProcessor(exporter), 'test');
const catalog = loadCatalog(recordedToolkit, readFixtureTools());

afterEach(() => exporter.reset());
afterAll(() => tracing.stop());

test("records two spans for a call in the caller's trace", async () => {
  await traced('Echo', { message: 'hi' });
  const [inner, outer] = exporter.getFinishedSpans();
  expect(outer).toMatchObject({
    name: 'CallTool',
    attributes: { tool_name: 'Echo', toolkit_name: recordedName, toolkit_version: '1.0.0', environment: 'test' },
  });
  expect(inner?.name).toBe('RunTool');
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
});

test('records the error of a failed call', async () => {
  await traced('FatalFail', {});
  expect(exporter.getFinishedSpans()[1]?.attributes).toMatchObject({
    tool_error_kind: 'TOOL_RUNTIME_FATAL',
    tool_error_message: expect.stringContaining('Broken'),
    tool_error_developer_message: expect.stringContaining('disk full'),
  });
});

test('records a span for a catalogue request', () => {
  tracing.catalogRequested({});
  expect(exporter.getFinishedSpans()).toMatchObject([{ name: 'Catalog', attributes: { environment: 'test' } }]);
});

test("records a span for a tool's request and sends its trace to the service", async () => {
  const sent: unknown[] = [];
  const answered = async (status: number) => {
    await tracing.fetch({ method: 'GET', url: 'https://a.example.com/b' }, async (headers) => {
      sent.push(headers);
      return new Response(null, { status });
    });
    return exporter.getFinishedSpans().at(-1);
  };
  const span = await answered(404);
  expect(span).toMatchObject({
    name: 'GET',
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'https://a.example.com/b',
      'http.response.status_code': 404,
    },
  });
  const { traceId, spanId } = span?.spanContext() ?? {};
  expect(sent).toEqual([{ traceparent: `00-${traceId}-${spanId}-01` }]);
  const failing = tracing.fetch({ method: 'GET', url: 'https://a.example.com/' }, () =>
    Promise.reject(new TypeError('why')),
  );
  await expect(failing).rejects.toThrow('why');
  expect(exporter.getFinishedSpans().at(-1)?.attributes).toMatchObject({ 'error.type': 'TypeError' });
  expect(JSON.stringify(exporter.getFinishedSpans().at(-1)?.events)).not.toContain('why');
});

test('sends the trace to the service, but not the baggage of a caller', async () => {
  const tool = catalog.find('Echo', recordedName);
  if (tool === undefined) throw new Error('There is no tool "Echo"');
  const sent: object[] = [];
  const facts = { method: 'GET', url: 'https://example.com/' };
  const ask = async () => {
    await tracing.fetch(facts, async (headers) => {
      sent.push(headers);
      return new Response();
    });
    return call(tool, { message: 'hi' }, new CallContext({}));
  };
  await tracing.call(tool, { ...callerTrace, tracestate: 'a=b', baggage: 'tenant=admin' }, () => ask());
  expect(sent).toEqual([
    { traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c'), tracestate: 'a=b' },
  ]);
});

const callerTrace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };

async function traced(name: string, inputs: unknown) {
  const tool = catalog.find(name, recordedName);
  if (tool === undefined) throw new Error(`There is no tool "${name}"`);
  return tracing.call(tool, callerTrace, () => call(tool, inputs, new CallContext({})));
}
