import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { objectsIn } from './flux/manifests';
import type { FileChange } from './plan';

/**
 * What it costs that the Secret of a server comes from elsewhere than before: from a store instead of a sealed value, or from
 * nobody here. No pod starts with too little, because pods ask for the Secret by its name; but they wait for it.
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
    const gone =
      was === undefined
        ? ''
        : `, and Flux deletes the ${from} with its Secret, so a pod that has to start again waits too`;
    const message = `"${server}" gets its Secret from ${article(to)} instead of ${article(from)}: new pods wait until ${secret} is there${gone}`;
    const file = own.find(({ path }) => path.endsWith('/server.yaml'))?.path;
    return [new Problem('SECRET-MOVED', message, { file, fix: firstOf(server, secret, is), level: 'warning' })];
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
  return origin === undefined ? 'Secret that somebody else writes' : String(origin.kind);
}

function article(what: string): string {
  return `${what.startsWith('E') ? 'an' : 'a'} ${what}`;
}

function isWorkload({ kind }: Objects[number]): boolean {
  return kind === 'Deployment' || kind === 'HelmRelease';
}

/** The Secret that the pods of a workload get their environment from. */
function secretOf(workload: Objects[number]): string {
  const ofPods = ['spec', 'template', 'spec', 'containers', '0', 'envFrom', '0', 'secretRef', 'name'];
  const ofChart = ['spec', 'values', 'envFrom', '0', 'secretRef', 'name'];
  return String(at(workload, ...(workload.kind === 'Deployment' ? ofPods : ofChart)));
}

/** What to see to before the change is merged. */
function firstOf(namespace: string, secret: string, origin: Objects[number] | undefined): string {
  const then = `then npm run verify -- ${namespace} --kubectl --wait 5m`;
  if (origin === undefined) return `before it is merged: kubectl -n ${namespace} get secret ${secret}; ${then}`;
  if (origin.kind === 'SealedSecret') return `see that its values are under the certificate of this cluster; ${then}`;
  const data = at(origin, 'spec', 'data');
  const entries = (Array.isArray(data) ? data : []).map((each: unknown) => {
    const [key, property] = [at(each, 'remoteRef', 'key'), at(each, 'remoteRef', 'property')];
    return property === undefined ? `${key}` : `${property} in ${key}`;
  });
  const store = ['kind', 'name'].map((field) => at(origin, 'spec', 'secretStoreRef', field)).join(' ');
  return `before it is merged, see that ${store} is ready and has ${entries.join(', ')}; ${then}`;
}
