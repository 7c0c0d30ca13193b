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
import { printIntoLog, takeStdout } from './telemetry/console';
import { createLogger, flushed } from './telemetry/log';
import { createMetrics } from './telemetry/metrics';

/**
 * The environment and the tools become a server, which runs until a signal ends it. With the argument `--check` it ends
 * as soon as both are known to be right. The build generates the file that calls this.
 * @param trial what callers of this machine may spend. @default - nothing; only `npm run dev` builds a file that has one
 */
export function start(toolkit: Toolkit, files: ToolFiles, trial: TrialOf = () => undefined): void {
  main(toolkit, files, trial).catch((error: unknown) => {
    // No logger yet, or a defect of the start itself: one message on standard error, and the end.
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}

type TrialOf = (config: Config, environment: NodeJS.ProcessEnv) => Trial | undefined;

async function main(toolkit: Toolkit, files: ToolFiles, trialOf: TrialOf): Promise<void> {
  const config = parseConfig(process.env);
  const log = createLogger(config);
  const output = config.transport === 'stdio' ? takeStdout() : process.stdout;
  printIntoLog(log);
  const catalog = loadCatalog(toolkit, readToolFiles(files), config.catalog);
  if (process.argv[2] === '--check') return;
  // A promise that a tool let go of harms no other call.
  process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was rejected and nobody handled it'));
  sayWhatIsOdd(config, catalog, log);
  const tracing = config.traces
    ? (await import('./telemetry/tracing')).startTracing(config.environment, log)
    : undefined;
  if (config.transport === 'stdio') {
    await serveLocalClient(config, catalog, { log, metrics: createMetrics(), tracing }, output);
  } else await serveHttp(catalog, config, log, { tracing, trial: trialOf(config, process.env) });
}

/** One MCP client that has started this process; it ends when the client closes its end. */
async function serveLocalClient(config: Config, catalog: Catalog, parts: McpParts, output: Writable): Promise<void> {
  await serveStdio(mcpDispatcher(config, catalog, parts), { input: process.stdin, output });
  await parts.tracing?.stop();
}

async function serveHttp(
  catalog: Catalog,
  config: Config,
  log: Logger,
  parts: Pick<McpParts, 'tracing' | 'trial'>,
): Promise<void> {
  const served = await serve(config, catalog, log, parts);
  const { url, operationsUrl } = served;
  log.info({ url, operationsUrl, tools: catalog.tools.length, ...catalog.toolkit }, 'worker started');
  // Whoever has started this process with a channel, such as `npm run dev`, waits for it.
  process.send?.({ url, operationsUrl });
  // A second signal ends the process at once, as does the end of the time that calls in flight get.
  const delay = (config.drainSeconds + config.stopSeconds) * 1000;
  closeWithGrace({ delay, logger: quiet, skip: ['unhandledRejection'] }, async ({ signal, err }) => {
    // Nobody sends anything new to a terminal that pressed Ctrl-C, or to a process that is broken.
    const drainSeconds = signal === 'SIGTERM' ? config.drainSeconds : 0;
    if (err) log.error({ err }, 'worker ends: something nobody foresaw');
    else log.info({ signal, drainSeconds }, 'worker stops');
    await served.stop(drainSeconds);
    log.info('worker stopped');
    await flushed(log);
  });
}

const quiet = { error: () => {} };

function sayWhatIsOdd(
  config: Config,
  { tools, unknownDisabledTools, longNames, unknownWords }: Catalog,
  log: FastifyBaseLogger,
): void {
  for (const warning of config.warnings) log.warn(warning);
  if (config.withoutEffect.length > 0) {
    log.warn({ variables: config.withoutEffect }, 'these variables have no effect on this worker');
  }
  if (unknownDisabledTools.length > 0) {
    log.warn({ names: unknownDisabledTools }, 'ARCADE_DISABLED_TOOLS names tools that this worker does not have');
  }
  if (longNames.length > 0) {
    log.warn(
      { names: longNames },
      'these tools have names that are too long for models once a client has named the server',
    );
  }
  for (const sentence of unknownWords) log.warn(sentence);
  if (tools.length === 0) log.warn('every tool is disabled');
  if (config.transport === 'http' && config.engine === undefined) {
    log.warn('no worker secret: the engine cannot call this worker, only MCP clients can');
  }
  if (config.engine?.isOpen) log.warn('authentication is switched off: everyone on this machine may call');
  if (config.engine?.previousSecret) log.info('tokens of the previous secret are accepted as well');
}
