import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder } from '../../testing/processes/cache-folder';
import { install, run } from '../../testing/processes/program';
import { virtualEnvironment } from '../../testing/processes/virtual-environment';

/** A client in another language or library, and one way it connects. */
export interface OtherClient {
  readonly name: string;
  /** The revision it negotiates. @default - not reported by the client */
  readonly version?: string;
  /** The program, and the arguments before the toolkit's name and the target. The first call installs it. */
  command(): Promise<readonly [string, ...string[]]>;
}

const here = join(root, 'interop/mcp/clients');

const python = (kind: 'sdk' | 'fastmcp', mode: string) => async () => {
  const interpreter = await virtualEnvironment('mcp-clients', join(here, 'requirements.txt'));
  return [interpreter, '-B', join(here, 'client.py'), kind, mode] as const;
};

const go = (version: string) => async () => [await goClient(), version] as const;

/** Each client in every era it supports: newest by default, newest pinned, and the handshake. */
export const otherClients: readonly OtherClient[] = [
  { name: 'the Python SDK (2.3), automatic', version: '2026-07-28', command: python('sdk', 'auto') },
  { name: 'the Python SDK (2.3), 2026-07-28', version: '2026-07-28', command: python('sdk', '2026-07-28') },
  { name: 'the Python SDK (2.3), handshake', version: '2025-11-25', command: python('sdk', 'legacy') },
  { name: 'fastmcp (4.0), automatic', command: python('fastmcp', 'auto') },
  { name: 'fastmcp (4.0), handshake', command: python('fastmcp', 'legacy') },
  { name: "Go's SDK (1.8), latest", version: '2026-07-28', command: go('') },
  { name: "Go's SDK (1.8), 2025-06-18", version: '2025-06-18', command: go('2025-06-18') },
];

/**
 * Runs a client through typical use: list tools, echo text with difficult characters, call without arguments and with
 * wrong arguments, call an unknown tool.
 * @param target a URL, or a program and its arguments
 * @returns the results, as the client's script prints them
 */
export async function resultsOf(client: OtherClient, toolkit: string, target: readonly string[]): Promise<unknown> {
  const [program, ...args] = await client.command();
  return JSON.parse(await run(program, [...args, toolkit, ...target], { env: { PATH: process.env.PATH } }));
}

async function goClient(): Promise<string> {
  const sources = join(here, 'go');
  const recipe = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(join(sources, file), 'utf8'));
  const folder = await cacheFolder('go-mcp-client', recipe.join(), (empty) => {
    const fix = 'see the lines above; the Go module proxy must be reachable';
    const args = ['build', '-mod=readonly', '-o', join(empty, 'client'), '.'];
    return install({ what: "a client of Go's SDK", fix }, 'go', args, { cwd: sources });
  });
  return join(folder, 'client');
}
