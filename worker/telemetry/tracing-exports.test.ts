import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { recordedName, recordedToolkit } from '../../testing/exchanges/recorded';
import { freePort } from '../../testing/free-port';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { call } from '../catalog/call';
import { CallContext } from '../catalog/context';
import { loadCatalog } from '../catalog/load';
import { startTracing, type Tracing } from './tracing';

const catalog = loadCatalog(recordedToolkit, readFixtureTools());
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
  for (const api of [trace, context, propagation]) api.disable();
});

/** Exports one span with these variables and returns the first log line. */
async function firstWarning(variables: Readonly<Record<string, string>>) {
  Object.assign(process.env, variables, { OTEL_BSP_SCHEDULE_DELAY: '1' });
  const lines: { readonly reason: string; readonly message: string }[] = [];
  let tracing: Tracing | undefined;
  await new Promise<void>((warned) => {
    const warn = ({ reason }: { readonly reason: string }, message: string) => {
      lines.push({ reason, message });
      warned();
    };
    // A logger has more overloads than the one used here.
    tracing = startTracing('test', { warn } as Parameters<typeof startTracing>[1]);
    const tool = catalog.find('Echo', recordedName);
    if (tool === undefined) throw new Error('There is no Echo');
    void tracing.call(tool, {}, () => call(tool, { message: 'hi' }, new CallContext({})));
  });
  await tracing?.stop();
  return lines[0];
}

const message = 'spans are not delivered; check OTEL_EXPORTER_OTLP_ENDPOINT and the collector';

test('warns with only the status of a collector that rejects spans', async () => {
  const collector = createServer((_request, response) => response.writeHead(401).end('a long page'));
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  // The address is a string only for a pipe or a Unix socket.
  const { port } = collector.address() as AddressInfo;
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'key=hidden',
  };
  expect(await firstWarning(variables)).toEqual({ reason: '401 Unauthorized', message });
  collector.closeAllConnections();
  collector.close();
});

test('warns about an unreachable collector', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const warning = await firstWarning({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '50' });
  expect(warning).toEqual({ reason: expect.stringMatching(/ECONNREFUSED|timed out/i), message });
});
