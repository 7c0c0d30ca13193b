import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder, npmInstall } from '../../testing/processes/cache-folder';
import { nodeProgram } from '../../testing/processes/node-program';
import { ourWorker } from '../../testing/processes/our-worker';
import { pythonServer } from '../../testing/processes/python-server';
import type { Recipe } from '../../testing/processes/server';
import type { BaselineRoute } from './scenarios';

/** Our worker as in the image, behind one trusted proxy. */
export async function ours(): Promise<Recipe> {
  const { environment, ...recipe } = await ourWorker('base');
  return {
    ...recipe,
    environment: (port) => ({ ...environment(port), WORKER_TRUSTED_HOPS: '1', NODE_ENV: 'production' }),
    stdout: 'ignore',
  };
}

/** The real Python server with the same three tools. */
export function python(interpreter: string): Recipe {
  return { ...pythonServer(interpreter, 'base'), stdout: 'ignore' };
}

/** Bare Fastify routes that respond with the given bytes. */
export function baseline(routes: readonly BaselineRoute[]): Recipe {
  const file = join(mkdtempSync(join(tmpdir(), 'baseline-')), 'routes.json');
  writeFileSync(file, JSON.stringify(routes));
  return node('the bare routes', [...source('baseline'), file], '/');
}

/** The SDK's high-level server, created for every request, in the same Fastify. */
export function mcpServerPerRequest(): Recipe {
  return node('McpServer per request', source('mcp-server-per-request'), '/mcp');
}

/** Installs the frameworks that are not our dependencies, at the versions in peers/package-lock.json. */
export async function installedPeers(): Promise<{ readonly express: Recipe; readonly fastmcp: Recipe }> {
  const sources = join(root, 'bench', 'worker', 'peers');
  const contents = readdirSync(sources)
    .sort()
    .map((file) => readFileSync(join(sources, file), 'utf8'));
  const folder = await cacheFolder('bench-peers', contents.join('\n'), async (empty) => {
    cpSync(sources, empty, { recursive: true });
    await npmInstall(empty, 'ci');
  });
  return {
    express: node('the Express example', [join(folder, 'express-example.mjs')], '/mcp'),
    fastmcp: node('fastmcp', [join(folder, 'fastmcp.mjs')], '/mcp'),
  };
}

/**
 * Installs the major version of Node that the Dockerfile names.
 * @returns the path of the program
 * @throws Problem TOOL-MISSING when it cannot be installed
 */
export function nodeOfTheImage(): Promise<string> {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [, line = ''] = /^ARG NODE_IMAGE=node:(\d+)/m.exec(dockerfile) ?? [];
  return nodeProgram(line);
}

/** The same server on another Node. */
export function onNode(path: string, { command: [program = '', ...args], ...rest }: Recipe): Recipe {
  return { ...rest, command: [program === process.execPath ? path : program, ...args] };
}

/** The same server on one processor core. */
export function onCore(core: number, { command, ...rest }: Recipe): Recipe {
  return { ...rest, command: ['taskset', '-c', String(core), ...command] };
}

function node(name: string, args: readonly string[], readyPath: string): Recipe {
  return {
    name,
    command: [process.execPath, ...args],
    environment: (port) => ({ PORT: String(port), NODE_ENV: 'production' }),
    readyPath,
    stdout: 'ignore',
  };
}

/** The arguments that run one of our sources. */
function source(name: string): readonly string[] {
  return [join(root, 'cli/run.mjs'), `bench/worker/${name}.main.ts`];
}
