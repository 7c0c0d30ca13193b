import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { bundle } from '../build.mjs';
import { bundleFile } from './built-here';
import type { ExampleCall } from './example-call';

/** The URLs of a running worker. */
export interface Addresses {
  readonly url: string;
  readonly operationsUrl: string;
}

/** What a worker reports when it listens. */
export interface Started extends Addresses {
  /** @default - no tool has a call to show */
  readonly example?: ExampleCall;
}

export interface DevWorkerParts {
  readonly root: string;
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  say(line: string): void;
  /** Gets each line of the worker's log. @default - the log goes to standard output unchanged */
  readonly show?: ((line: string) => void) | undefined;
}

/** The worker of one server in its own process, rebuilt and restarted when a source changes. */
export class DevWorker {
  readonly #parts: DevWorkerParts;
  /** Two files in turn, so that the running one is never overwritten. */
  readonly #files: [string, string];
  #child: ChildProcess | undefined;
  /** Resolves when the worker first listens, or with undefined when it exits before that. */
  readonly listening: Promise<Started | undefined>;
  #listens: (started: Started | undefined) => void = () => {};
  #hasListened = false;
  #isBusy = false;
  #hasChanged = false;
  #isEnding = false;

  constructor(parts: DevWorkerParts) {
    this.#parts = parts;
    this.listening = new Promise((resolve) => {
      this.#listens = resolve;
    });
    this.#files = [`${parts.name}.a`, `${parts.name}.b`].map((name) => bundleFile(parts.root, name)) as [
      string,
      string,
    ];
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Builds, checks and restarts. Changes during a build cause one more build. */
  async refresh(): Promise<void> {
    this.#hasChanged = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#hasChanged && !this.#isEnding) {
      this.#hasChanged = false;
      const [file] = this.#files;
      if (!(await this.#build(file))) {
        this.#parts.say(
          isRunning(this.#child)
            ? `${this.name}: the last good build keeps serving; it restarts when the source is fixed`
            : `${this.name} starts when the source is fixed`,
        );
        continue;
      }
      const old = this.#child;
      this.#child = undefined;
      await endOf(old);
      if (!this.#isEnding) this.#start(file);
    }
    this.#isBusy = false;
  }

  /** Stops the process and removes its files. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await endOf(this.#child);
    this.kill();
  }

  /** The same without waiting, for when this process exits. */
  kill(): void {
    if (isRunning(this.#child)) this.#child?.kill('SIGKILL');
    for (const file of this.#files.flatMap((path) => [path, `${path}.map`])) rmSync(file, { force: true });
  }

  /** Builds, and loads the tools once. Reports what fails. @returns whether the build can be used */
  async #build(file: string): Promise<boolean> {
    const { root, name, environment, say } = this.#parts;
    try {
      await bundle(root, `servers/${name}`, file, { trial: 'worker/dev/trial' });
    } catch (error) {
      // esbuild prints its own errors; errors from before it starts are not printed yet.
      if (!(error instanceof Error && 'warnings' in error)) say(error instanceof Error ? error.message : String(error));
      return false;
    }
    const check = spawn(process.execPath, ['--enable-source-maps', file, '--check'], {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = await once(check, 'exit');
    return code === 0;
  }

  #start(file: string): void {
    this.#files.reverse();
    const { environment, show } = this.#parts;
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      env: environment,
      stdio: ['inherit', show === undefined ? 'inherit' : 'pipe', 'inherit', 'ipc'],
    });
    this.#child = child;
    if (show !== undefined && child.stdout !== null) createInterface({ input: child.stdout }).on('line', show);
    child.once('message', (started: Started) => {
      this.#hasListened = true;
      this.#listens(started);
    });
    child.once('exit', (code, signal) => {
      if (this.#isEnding || this.#child !== child) return;
      this.#listens(undefined);
      // The caller ends when a worker never listened.
      const next = this.#hasListened ? '; it restarts when a source changes' : ' before it listened';
      this.#parts.say(`${this.name} exited with ${signal ?? code}${next}`);
    });
  }
}

async function endOf(child: ChildProcess | undefined): Promise<void> {
  if (!isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}
