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

/** A server as `main` would build it, with what a test wants to look at. */
export interface TestWorker {
  readonly app: FastifyInstance;
  readonly catalog: Catalog;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly lifecycle: Lifecycle;
  /** Everything that was logged, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** What a test wants otherwise. */
export interface TestWorkerParts {
  /** @default - the recorded ones */
  readonly tools?: ReadonlyMap<string, unknown>;
  /** Whether its event loop is to count as late. @default - never: how busy the machine is says nothing about the server */
  readonly isLate?: () => boolean;
  /** @default - no spans */
  readonly tracing?: Tracing;
  /** Who may spend what is given to tools, as `npm run dev` has it. @default - nobody, as in an image */
  readonly trialOf?: typeof trialOf;
}

/** Builds a server out of an environment. */
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

/** Lets a server listen on a free port of this machine. Resolves with its address. */
export async function listening({ app }: Pick<TestWorker, 'app'>): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  // Listening on a port, the address is never a text.
  const { port } = app.server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
