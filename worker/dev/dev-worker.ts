import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { bundle } from '../build.mjs';
import { bundleFile } from './built-here';

/** Where a worker listens. */
export interface Addresses {
  readonly url: string;
  readonly operationsUrl: string;
}

export interface DevWorkerParts {
  readonly root: string;
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  say(line: string): void;
  /** Takes each line of the worker's log. @default - it goes to standard output as it is */
  readonly show?: ((line: string) => void) | undefined;
}

/** The worker of one server in a process of its own, built and started anew when a source has changed. */
export class DevWorker {
  readonly #parts: DevWorkerParts;
  /** Two files in turn: the one that runs is never written. */
  readonly #files: [string, string];
  #child: ChildProcess | undefined;
  /** Resolves once, when the worker listens for the first time; with undefined when it ends before it ever did. */
  readonly listening: Promise<Addresses | undefined>;
  #listens: (addresses: Addresses | undefined) => void = () => {};
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

  /** Builds, checks and restarts. Changes that arrive meanwhile are built in one further go. */
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
            ? `${this.name}: the last good build goes on serving; it restarts when the source is right`
            : `${this.name} starts when the source is right`,
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

  /** Ends the process and takes its files away. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await endOf(this.#child);
    this.kill();
  }

  /** The same at once, for the end of this process. */
  kill(): void {
    if (isRunning(this.#child)) this.#child?.kill('SIGKILL');
    for (const file of this.#files.flatMap((path) => [path, `${path}.map`])) rmSync(file, { force: true });
  }

  /** Whether there is a build whose tools can be loaded. What is wrong otherwise has been said. */
  async #build(file: string): Promise<boolean> {
    const { root, name, environment, say } = this.#parts;
    try {
      await bundle(root, `servers/${name}`, file, { trial: 'worker/dev/trial' });
    } catch (error) {
      // esbuild has said which line of which file is wrong; what is found before it starts has not been said.
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
    child.once('message', (addresses: Addresses) => this.#listens(addresses));
    child.once('exit', (code, signal) => {
      if (this.#isEnding || this.#child !== child) return;
      this.#listens(undefined);
      this.#parts.say(`${this.name} has ended with ${signal ?? code}; it starts again when a source changes`);
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
