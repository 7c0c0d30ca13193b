import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';

/**
 * Warnings when the source of a server's Secret changes, such as from a sealed value to a store. Pods reference the Secret by
 * name, so new pods wait until it exists.
 */
export function secretCosts(changes: readonly FileChange[]): readonly Problem[] {
  const moved = changes.filter(
    ({ path, state }) => /(sealed|external)secret\.yaml$/.test(path) && /new|removed/.test(state),
  );
  const servers = new Set(moved.flatMap(({ server }) => server ?? []));
  return [...servers].flatMap((server) => {
    const own = changes.filter((change) => change.server === server);
    const [before, after] = [
      objectsOf(own.map((change) => change.before)),
      objectsOf(own.map((change) => change.after)),
    ];
    const [was, is] = [originIn(before), originIn(after)];
    const [from, to] = [nameOf(was), nameOf(is)];
    const workload = after.find(isWorkload);
    if (!before.some(isWorkload) || workload === undefined || from === to) return [];
    const secret = secretOf(workload);
    const gone = was === undefined ? '' : `, and Flux deletes the ${from} with its Secret, so restarted pods wait too`;
    const message = `"${server}" gets its Secret from ${article(to)} instead of ${article(from)}: new pods wait until ${secret} exists${gone}`;
    const file = own.find(({ path }) => path.endsWith('/server.yaml'))?.path;
    return [new Problem('SECRET-MOVED', message, { file, fix: checkFirst(server, secret, is), level: 'warning' })];
  });
}

type Objects = ReturnType<typeof objectsOf>;

function objectsOf(texts: readonly (string | undefined)[]) {
  return texts.flatMap((text = '') => objectsIn(text)).map(({ object }) => object);
}

function originIn(objects: Objects): Objects[number] | undefined {
  return objects.find(({ kind }) => kind === 'SealedSecret' || kind === 'ExternalSecret');
}

function nameOf(origin: Objects[number] | undefined): string {
  return origin === undefined ? 'Secret managed elsewhere' : String(origin.kind);
}

function article(what: string): string {
  return `${what.startsWith('E') ? 'an' : 'a'} ${what}`;
}

function isWorkload({ kind }: Objects[number]): boolean {
  return kind === 'Deployment' || kind === 'HelmRelease';
}

/** The name of the Secret in the pods' `envFrom`. */
function secretOf(workload: Objects[number]): string {
  const ofPods = ['spec', 'template', 'spec', 'containers', '0', 'envFrom', '0', 'secretRef', 'name'];
  const ofChart = ['spec', 'values', 'envFrom', '0', 'secretRef', 'name'];
  return String(at(workload, ...(workload.kind === 'Deployment' ? ofPods : ofChart)));
}

/** What to check before the change is merged. */
function checkFirst(namespace: string, secret: string, origin: Objects[number] | undefined): string {
  const then = `then npm run verify -- ${namespace} --kubectl --wait 5m`;
  if (origin === undefined) return `before merging: kubectl -n ${namespace} get secret ${secret}; ${then}`;
  if (origin.kind === 'SealedSecret') return `check that its values are sealed for this cluster's certificate; ${then}`;
  const data = at(origin, 'spec', 'data');
  const entries = (Array.isArray(data) ? data : []).map((each: unknown) => {
    const [key, property] = [at(each, 'remoteRef', 'key'), at(each, 'remoteRef', 'property')];
    return property === undefined ? `${key}` : `${property} in ${key}`;
  });
  const store = ['kind', 'name'].map((field) => at(origin, 'spec', 'secretStoreRef', field)).join(' ');
  return `before merging, check that ${store} is ready and has ${entries.join(', ')}; ${then}`;
}
