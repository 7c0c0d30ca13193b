import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { buildApp } from '../../worker/app';
import { type Catalog, loadCatalog } from '../../worker/catalog/load';
import { parseConfig } from '../../worker/config/config';
import type { trialOf } from '../../worker/dev/trial';
import { loggerOptions } from '../../worker/telemetry/log';
import { createMetrics } from '../../worker/telemetry/metrics';
import { Lifecycle } from '../../worker/telemetry/operations';
import type { Tracing } from '../../worker/telemetry/tracing';
import { recordedToolkit, recordedTools } from '../exchanges/recorded';

/** A worker built as in `main`, with its parts for assertions. */
export interface TestWorker {
  readonly app: FastifyInstance;
  readonly catalog: Catalog;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly lifecycle: Lifecycle;
  /** The log lines, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** The parts of a worker that a test may replace. */
export interface TestWorkerParts {
  /** @default - the recorded ones */
  readonly tools?: ReadonlyMap<string, unknown>;
  /** Whether its event loop is considered late. @default - never, however busy the machine is */
  readonly isLate?: () => boolean;
  /** @default - no spans */
  readonly tracing?: Tracing;
  /** Which callers may use the tools' secrets, as with `npm run dev`. @default - none, as in an image */
  readonly trialOf?: typeof trialOf;
}

/** Builds a worker from an environment. */
export function testWorker(
  environment: Readonly<Record<string, string>>,
  { tools = recordedTools, isLate = () => false, tracing, trialOf }: TestWorkerParts = {},
): TestWorker {
  const config = parseConfig(environment);
  const catalog = loadCatalog(recordedToolkit, tools, config.catalog);
  const metrics = createMetrics({ processMetrics: false });
  const lifecycle = new Lifecycle();
  const lines: Record<string, unknown>[] = [];
  const log = pino(loggerOptions(config.logLevel), { write: (line) => lines.push(JSON.parse(line)) });
  const app = buildApp(config, catalog, {
    ...{ log, metrics, lifecycle, isLate, tracing },
    trial: trialOf?.(config, environment),
  });
  return { app, catalog, metrics, lifecycle, lines };
}

/** Listens on a free port of 127.0.0.1. Resolves with the URL. */
export async function listening({ app }: Pick<TestWorker, 'app'>): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  // The address of a TCP listener is an object.
  const { port } = app.server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
