import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Platform } from '../../model/platform';
import { readPlatform } from '../../model/platforms';
import { Problem } from '../../model/problem';
import { sealCommand } from '../../model/sealed';
import { readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { howToFetch } from '../seal/certificate';
import { set } from '../seal/commands/set';
import { processWorld } from '../seal/seal-world';
import { ejectSample } from './eject-sample';
import { writeNew } from './files';
import { allFacts, type GivenFacts, newPlatform, refuseSecondPlatform } from './platform';
import { newServer } from './server';
import { newTool } from './tool';

/** The flags of all forms, as they were given. */
export type NewFlags = GivenFacts & {
  readonly [flag in 'team' | 'description' | 'plaintext-out' | 'certificate']?: string | undefined;
} & { readonly [flag in 'no-seal' | 'force' | 'json']?: boolean | undefined };

/** What was done, in paths from the root, and what comes next. */
export interface Done {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly next: readonly string[];
  /** What rendering said when it failed. @default - `dist/` is what the sources say, or cannot be yet */
  readonly failure?: string | undefined;
}

/** Starts a server: writes its folder, seals its worker secret, and renders. */
export async function startServer(root: string, flags: NewFlags, name: string): Promise<Done> {
  const platform = readPlatform(root);
  const { server, files } = newServer(root, name, flags, readServers(root, platform).servers, platform);
  const undo = writeNew(root, files);
  const written = [...files.keys()];
  const next = [`npm run dev -- ${name}`, `npm run new -- tool ${name} <tool>`];
  if (flags['no-seal']) {
    const seal = `${sealCommand(name, contract.env.secret)} --generate && npm run synth, before npm run check`;
    return { written, removed: [], next: [seal, ...next] };
  }
  try {
    await sealWorkerSecret(root, flags, server, platform);
  } catch (error) {
    undo();
    throw error;
  }
  return { written: [...written, server.sealedFile], removed: [], next, failure: render(root) };
}

/** Starts a tool: writes its file, and renders. */
export function startTool(root: string, server: string, name: string): Done {
  const files = newTool(root, server, name, readServers(root, readPlatform(root), { [server]: [name] }));
  writeNew(root, files);
  const next = [
    `npm run dev -- ${server}`,
    `npm run call -- ${server} ${name}`,
    `raise version in servers/${server}/server.ts, then npm run synth`,
  ];
  return { written: [...files.keys()], removed: [], next, failure: render(root) };
}

/** Starts a platform: asks a person for what is not given, writes its file and its certificate, and renders. */
export async function startPlatform(root: string, flags: NewFlags, name: string): Promise<Done> {
  refuseSecondPlatform(root);
  const given =
    process.stdin.isTTY && !flags.json ? await askedFacts(flags, process.stdin, process.stderr) : await allFacts(flags);
  const files = newPlatform(root, name, given, flags.certificate, new Date());
  writeNew(root, files);
  const next = [...(flags.certificate === undefined ? [howToFetch] : []), 'npm run new -- server <name>'];
  return { written: [...files.keys()], removed: [], next, failure: render(root) };
}

/** Takes out what came with the repository, and renders what is left. */
export function endSample(root: string, { force = false }: NewFlags): Done {
  const platform = readPlatform(root);
  const removed = ejectSample(root, platform, force);
  const isOver = removed.includes(platform.source);
  const next = isOver ? 'npm run new -- platform <name>' : 'npm run new -- server <name>';
  return { written: [], removed, next: [next], failure: isOver ? undefined : render(root) };
}

/** Asks a person for the facts that are not given. @throws Problem USAGE when they give up */
export async function askedFacts(
  flags: NewFlags,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<GivenFacts> {
  const terminal = createInterface({ input, output });
  // The iterator keeps lines that are pasted before their question.
  const lines = terminal[Symbol.asyncIterator]();
  try {
    return await allFacts(flags, async (question, usual = '') => {
      terminal.setPrompt(`${question}${usual && ` [${usual}]`}: `);
      terminal.prompt();
      const { done, value } = await lines.next();
      const fix = 'run it again, or give the facts as flags: npm run new -- --help';
      if (done) throw new Problem('USAGE', 'Gave up: nothing was written', { fix });
      return value.trim() || usual;
    });
  } finally {
    terminal.close();
  }
}

async function sealWorkerSecret(root: string, flags: NewFlags, server: Server, platform: Platform): Promise<void> {
  const key = contract.env.secret;
  const out = flags['plaintext-out'];
  const world = processWorld(root, platform, { servers: [server], problems: [] }, flags.json ?? false);
  await set.run({ generate: true, ...(out === undefined ? {} : { 'plaintext-out': out }) }, [server.name, key], {
    ...world,
    // What was sealed, and what comes next, is said with the rest.
    print: () => {},
    show(secret) {
      world.print(`${key}, shown this once; the engine needs the same value:`);
      world.show(secret);
    },
  });
}

/** In a process of its own, because this one was bundled before the new files were there. Returns what went wrong. */
function render(root: string): string | undefined {
  const command = [join(root, 'cli/run.mjs'), 'gitops/synth/synth.command.ts'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  return status === 0 ? undefined : stderr.trimEnd();
}
