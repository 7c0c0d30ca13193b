import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { root } from '../../../cli/root';
import { freePort } from '../../../testing/free-port';
import { type Recipe, type RunningServer, startServer } from '../../../testing/processes/server';
import { loopback, relay } from './relay';

/**
 * A network in which pod addresses are reachable. kwok only assigns addresses; in this network namespace each of them reaches
 * the server that listens on all addresses, so proxies can follow the API server's objects. Relays connect single ports with
 * the loopback address outside.
 */
export class PodNetwork {
  private constructor(
    readonly pid: number,
    /** Ports inside that are reachable from outside → the port outside. */
    private readonly ports: ReadonlyMap<number, number>,
    /** Removes the network and its relays. Stop the servers in it first. */
    readonly stop: () => Promise<void>,
  ) {}

  /**
   * @param inbound ports inside to reach from outside
   * @param outbound ports outside to reach from inside, at the same number
   * @throws Error with the output of unshare or ip when they fail
   */
  static async start(inbound: readonly number[], outbound: readonly number[]): Promise<PodNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'pods-'));
    const socket = (port: number) => join(folder, String(port));
    const pairs = [
      ...inbound.map((port) => `${socket(port)}=${port}`),
      ...outbound.map((port) => `${port}=${socket(port)}`),
    ];
    const command = [join(root, 'cli/run.mjs'), 'interop/cluster/network/inside.command.ts', ...pairs];
    const inside = spawn('unshare', ['--user', '--map-root-user', '--net', process.execPath, ...command], {
      cwd: root,
    });
    const [ended, output] = [once(inside, 'exit'), text(inside.stderr)];
    const ready = once(createInterface({ input: inside.stdout }), 'line');
    if ((await Promise.race([ready, ended.then(() => undefined)])) === undefined) {
      throw new Error(`Cannot start a network for pods: ${await output}`);
    }
    const relays: Server[] = [];
    const ports = new Map<number, number>();
    for (const port of inbound) {
      ports.set(port, await freePort());
      relays.push(await relay(loopback(ports.get(port) ?? 0), { path: socket(port) }));
    }
    for (const port of outbound) relays.push(await relay({ path: socket(port) }, loopback(port)));
    return new PodNetwork(inside.pid ?? 0, ports, async () => {
      for (const server of relays) server.close();
      inside.stdin.end();
      await ended;
    });
  }

  /** The port outside that reaches a port inside. */
  portOf(inside: number): number {
    const port = this.ports.get(inside);
    if (port === undefined) throw new Error(`port ${inside} is not reachable from outside`);
    return port;
  }

  /** The command that runs a command inside. */
  within(command: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.pid), '--user', '--net', '--preserve-credentials', ...command];
  }

  /** Starts a server inside, and waits for its first response on a port that is reachable from outside. */
  startServer(recipe: Recipe, port: number): Promise<RunningServer> {
    const wrapped = { ...recipe, command: this.within(recipe.command), environment: () => recipe.environment(port) };
    return startServer(wrapped, this.portOf(port));
  }
}
