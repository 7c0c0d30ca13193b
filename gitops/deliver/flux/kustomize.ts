import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { isRecord } from '../../../model/json';
import { Problem } from '../../../model/problem';
import { systemCode } from '../../../model/system-error';
import { documentsOf, type FoundObject, metadataOf, objectsIn } from './manifests';

/** An object as kustomize outputs it. */
export interface BuiltObject extends FoundObject {
  /** The file it comes from; undefined for a generated object. */
  readonly file: string | undefined;
}

/** The output of kustomize for some files and folders, or why it rejected them. */
export type Built =
  | { readonly outcome: 'objects'; readonly objects: readonly BuiltObject[] }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** None of the programs is installed. */
  | { readonly outcome: 'absent' };

/** A kustomization file written for one build. */
export interface Kustomization {
  /** Its path from the scratch folder. */
  readonly file: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/**
 * Builds a folder with the real kustomize (standalone, in kubectl or in flux), after replacing its kustomization file.
 * @param scratch a temporary folder
 * @param tree the folder in it that represents the repository
 */
export function kustomize(scratch: string, tree: string, { file, content }: Kustomization): Built {
  const path = join(scratch, file);
  const before = existsSync(path) ? readFileSync(path) : undefined;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ ...content, buildMetadata: ['originAnnotations'] }));
  try {
    return buildFolder(scratch, tree, posix.dirname(file));
  } finally {
    if (before === undefined) rmSync(path);
    else writeFileSync(path, before);
  }
}

function buildFolder(scratch: string, tree: string, folder: string): Built {
  const definition = join(scratch, 'flux.yaml');
  writeFileSync(definition, JSON.stringify(fluxDefinition));
  for (const [program, args] of programs(join(scratch, folder), definition)) {
    const { PATH, HOME } = process.env;
    const options = { env: { PATH, HOME, ...offline }, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
    const { status, stdout, stderr, error } = spawnSync(program, args, options);
    if (error !== undefined && systemCode(error) === 'ENOENT') continue;
    if (status === 0) {
      const fileOf = (origin: string) => posix.relative(tree, posix.join(folder, origin));
      return { outcome: 'objects', objects: objectsIn(stdout).map((found) => withOrigin(found, fileOf)) };
    }
    // A shim without its program, a signal, oversized output: none of these is about the target.
    if (status !== 1) throw brokenProgram(program, error?.message ?? `it exited with ${status ?? 'a signal'}`);
    return { outcome: 'refused', reason: reasonIn(stderr, join(scratch, tree)) };
  }
  return { outcome: 'absent' };
}

/**
 * The programs that can build a folder, in order of preference. All may read the whole tree. Flux is last: its output (2.9)
 * omits an object without an apiVersion, which its controller rejects.
 */
function programs(
  folder: string,
  definition: string,
): readonly (readonly [program: string, args: readonly string[]])[] {
  const anywhere = ['--load-restrictor', 'LoadRestrictionsNone'];
  return [
    ['kubectl', ['kustomize', folder, ...anywhere]],
    ['kustomize', ['build', folder, ...anywhere]],
    ['flux', ['build', 'kustomization', 'apps', '--path', folder, '--kustomization-file', definition, '--dry-run']],
  ];
}

/** The definition that `flux build` (2.9) requires; it uses only the name. */
const fluxDefinition = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps' },
};

/** Blocks all downloads: a proxy on a closed port, and no protocols for git. */
const offline = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', GIT_ALLOW_PROTOCOL: 'none' };

function brokenProgram(program: string, reason: string): Problem {
  const fix = `make sure that \`${program} --help\` works, or remove it from the PATH`;
  return new Problem('TOOL-MISSING', `Cannot check what Flux would build: ${program} does not work: ${reason}`, {
    fix,
  });
}

function withOrigin(found: FoundObject, fileOf: (origin: string) => string): BuiltObject {
  const { annotations } = metadataOf(found.object);
  const [origin] = documentsOf(String((isRecord(annotations) && annotations['config.kubernetes.io/origin']) || ''));
  const path = isRecord(origin) && typeof origin.path === 'string' ? origin.path : undefined;
  return { ...found, file: path === undefined ? undefined : fileOf(path) };
}

/** The error message without local paths, and without kubectl's log prefix (1.32). */
function reasonIn(stderr: string, tree: string): string {
  const text = stderr
    .replace(/^E\d{4} .*?"command failed" err=["<]?/, '')
    .replace(/^(error|Error): /, '')
    .replaceAll(`${tree}/`, '')
    .replaceAll(tree, 'the root')
    .replaceAll('../tree/', '')
    .replace(/\s+/g, ' ')
    .replace(/[">\s]+$/, '');
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
