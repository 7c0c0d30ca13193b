import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../../model/problem';
import { systemCode } from '../../../model/system-error';
import { documentsOf, type FoundObject, isRecord, metadataOf, objectsIn } from './manifests';

/** An object as kustomize would hand it to the cluster, with the file it comes from; none for what it made up itself. */
export interface BuiltObject extends FoundObject {
  readonly file: string | undefined;
}

/** What kustomize made of some files and folders, or why it refused them. */
export type Built =
  | { readonly outcome: 'objects'; readonly objects: readonly BuiltObject[] }
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Neither kubectl nor kustomize is installed. */
  | { readonly outcome: 'absent' };

/**
 * Has the real kustomize, on its own or within kubectl, build files and folders of a tree in one go.
 * @param tree the folder that they lie in; a folder beside it is written
 * @param changes what is done to their objects, in the words of a kustomization file
 */
export function kustomize(
  tree: string,
  resources: readonly string[],
  { components, ...changes }: Readonly<Record<string, unknown>>,
): Built {
  const folder = join(dirname(tree), 'build');
  mkdirSync(folder, { recursive: true });
  const kustomization = {
    resources: resources.map((path) => `../tree/${path}`),
    ...(Array.isArray(components) ? { components: components.map((path) => `../tree/${path}`) } : {}),
    ...changes,
    buildMetadata: ['originAnnotations'],
  };
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
  for (const [program, verb] of programs) {
    // Flux's own build may read all of the repository, which is all that lies there.
    const args = [verb, folder, '--load-restrictor', 'LoadRestrictionsNone'];
    const { PATH, HOME } = process.env;
    const options = { env: { PATH, HOME, ...offline }, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
    const { status, stdout, stderr, error } = spawnSync(program, args, options);
    if (error !== undefined && systemCode(error) === 'ENOENT') continue;
    if (status === 0) return { outcome: 'objects', objects: objectsIn(stdout).map(withOrigin) };
    // A shim that finds no program, a signal, an answer beyond all bounds: nothing is known of the target then.
    if (status !== 1) throw brokenProgram(program, error?.message ?? `it ended with ${status ?? 'a signal'}`);
    return { outcome: 'refused', reason: reasonIn(stderr, dirname(tree)) };
  }
  return { outcome: 'absent' };
}

const programs = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

/** Whatever a target's files ask for, nothing is fetched: a proxy at which nobody listens, and no protocol for git. */
const offline = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', GIT_ALLOW_PROTOCOL: 'none' };

function brokenProgram(program: string, reason: string): Problem {
  const fix = `see that \`${program} version\` works, or take it out of the PATH`;
  return new Problem('TOOL-MISSING', `Cannot check what Flux would build: ${program} does not work: ${reason}`, {
    fix,
  });
}

function withOrigin(found: FoundObject): BuiltObject {
  const { annotations } = metadataOf(found.object);
  const [origin] = documentsOf(String((isRecord(annotations) && annotations['config.kubernetes.io/origin']) || ''));
  const path = isRecord(origin) && typeof origin.path === 'string' ? origin.path : undefined;
  return { ...found, file: path?.replace('../tree/', '') };
}

/** Its last words without the places on this machine, and without those of the log around them (kubectl 1.32). */
function reasonIn(stderr: string, folder: string): string {
  const text = stderr
    .replace(/^E\d{4} .*?"command failed" err=["<]?/, '')
    .replace(/^(error|Error): /, '')
    .replaceAll(`${folder}/tree/`, '')
    .replaceAll('../tree/', '')
    .replace(/\s+/g, ' ')
    .replace(/[">\s]+$/, '');
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
