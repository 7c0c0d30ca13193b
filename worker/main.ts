import type { Writable } from 'node:stream';
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger } from 'fastify';
import type { Logger } from 'pino';
import { type Catalog, loadCatalog, readToolFiles, type ToolFiles, type Toolkit } from './catalog/load';
import { type Config, parseConfig } from './config/config';
import type { Trial } from './config/trial';
import { type McpParts, mcpDispatcher } from './mcp/assemble';
import { serveStdio } from './mcp/stdio';
import { serve } from './serve';
import { redirectConsole, reserveStdout } from './telemetry/console';
import { createLogger, flushed } from './telemetry/log';
import { createMetrics } from './telemetry/metrics';

/**
 * Starts a server from the environment and the tools and runs until a signal stops it. With the argument `--check` it only
 * validates both. The build generates the entry file that calls this function.
 * @param trial what only the entry file built by `npm run dev` adds. @default - none
 */
export function start(toolkit: Toolkit, files: ToolFiles, trial?: TrialParts): void {
  main(toolkit, files, trial).catch((error: unknown) => {
    // There may be no logger yet, so report startup errors on standard error.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

/** What `npm run dev` adds to a worker. */
interface TrialParts {
  /** Provides secrets for trying tools. Undefined where others could use them too. */
  trialOf(config: Config, environment: NodeJS.ProcessEnv): Trial | undefined;
  /** Chooses a call to show to the developer, as JSON. */
  exampleCall(catalog: Catalog): object | undefined;
}

async function main(toolkit: Toolkit, files: ToolFiles, trial?: TrialParts): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLogger(config);
  const output = config.transport === 'stdio' ? reserveStdout() : process.stdout;
  redirectConsole(log);
  const catalog = loadCatalog(toolkit, readToolFiles(files), config.catalog);
  if (process.argv[2] === '--check') return;
  // A tool's unhandled rejection must not affect other calls.
  process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled promise rejection'));
  logWarnings(config, catalog, log);
  const tracing = config.traces
    ? (await import('./telemetry/tracing')).startTracing(config.environment, log)
    : undefined;
  if (config.transport === 'stdio') {
    await serveLocalClient(config, catalog, { log, metrics: createMetrics(), tracing }, output);
  } else await serveHttp(catalog, config, log, tracing, trial);
}

/** Serves the MCP client that started this process until it closes standard input. */
async function serveLocalClient(config: Config, catalog: Catalog, parts: McpParts, output: Writable): Promise<void> {
  await serveStdio(mcpDispatcher(config, catalog, parts), { input: process.stdin, output });
  await parts.tracing?.stop();
}

async function serveHttp(
  catalog: Catalog,
  config: Config,
  log: Logger,
  tracing: McpParts['tracing'],
  trial: TrialParts | undefined,
): Promise<void> {
  const served = await serve(config, catalog, log, { tracing, trial: trial?.trialOf(config, process.env) });
  const { url, operationsUrl } = served;
  log.info({ url, operationsUrl, tools: catalog.tools.length, ...catalog.toolkit }, 'worker started');
  // A parent process with an IPC channel, such as `npm run dev`, waits for this message.
  process.send?.({ url, operationsUrl, example: trial?.exampleCall(catalog) });
  // A second signal ends the process immediately, as does the time limit for calls in flight.
  const delay = (config.drainSeconds + config.stopSeconds) * 1000;
  closeWithGrace({ delay, logger: quiet, skip: ['unhandledRejection'] }, async ({ signal, err }) => {
    // After Ctrl-C or an unexpected error there is no load balancer to wait for.
    const drainSeconds = signal === 'SIGTERM' ? config.drainSeconds : 0;
    if (err) log.error({ err }, 'worker stopping after an unexpected error');
    else log.info({ signal, drainSeconds }, 'worker stopping');
    await served.stop(drainSeconds);
    log.info('worker stopped');
    await flushed(log);
  });
}

const quiet = { error: () => {} };

function logWarnings(
  config: Config,
  { tools, unknownDisabledTools, longNames, warnings }: Catalog,
  log: FastifyBaseLogger,
): void {
  for (const warning of config.warnings) log.warn(warning);
  if (config.unknownVariables.length > 0) {
    log.warn({ variables: config.unknownVariables }, 'unknown variables have no effect on this worker');
  }
  if (unknownDisabledTools.length > 0) {
    log.warn({ names: unknownDisabledTools }, 'ARCADE_DISABLED_TOOLS names tools that this worker does not have');
  }
  if (longNames.length > 0) {
    log.warn(
      { names: longNames },
      'these tool names may exceed the limit of models when clients prefix them with the server name',
    );
  }
  for (const warning of warnings) log.warn(warning);
  if (tools.length === 0) log.warn('every tool is disabled');
  if (config.transport === 'http' && config.engine === undefined) {
    log.warn('no worker secret: the engine cannot call this worker, only MCP clients can');
  }
  if (config.engine?.isOpen) log.warn('authentication is disabled: everyone on this machine can call');
  if (config.engine?.previousSecret) log.info('tokens signed with the previous secret are also accepted');
}
