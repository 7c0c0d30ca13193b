import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Reads every tool file. A file beside them that is not a test is a tool; its name is the tool's name. One without a
 * default export is undefined here.
 * The build of the image names the files (WORKER_TOOLS), because there is no folder to read inside one bundle.
 */
export function readToolFiles(): ReadonlyMap<string, unknown> {
  const names = typeof WORKER_TOOLS === 'undefined' ? toolNamesIn(toolsFolder()) : WORKER_TOOLS;
  return new Map(names.map((name) => [name, defaultOf(moduleOf(name))]));
}

/** @throws Error that names the tool whose file throws, with what it threw as the cause */
function moduleOf(name: string): unknown {
  try {
    return require(`../tools/${name}.ts`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot load the tools:\n  ${name}: its file cannot be run: ${reason}`, { cause });
  }
}

declare const WORKER_TOOLS: readonly string[] | undefined;

/** The names of the tools in a folder, in the order of the alphabet. */
function toolNamesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

function toolsFolder(): string {
  const fromSource = join(__dirname, '..', 'tools');
  // cli/run.mjs runs a bundle out of build/, from where the sources are elsewhere.
  return existsSync(fromSource) ? fromSource : join(__dirname, '..', 'worker', 'tools');
}

function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
}
